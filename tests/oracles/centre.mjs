// A small centre made by objects.mjs: root, issuer, members, roster. Each member and object can be made wrong.
import { compare, concat, zeros } from './bytes.mjs';
import * as objects from './objects.mjs';
import { sha256, signPublic, x25519 } from './primitives.mjs';

export const noon = 1_800_000_000n;
export const day = 86_400n;

export class Centre {
  constructor(random) {
    this.random = random;
    this.id = random.bytes(16);
    this.root = random.bytes(32);
    this.issuerSeed = random.bytes(32);
    this.desk = objects.deskId(this.id, 'talk');
    this.listed = [];
    this.fingerprint = sha256(signPublic(this.root));
    this.file = objects.signObject(objects.centreFile, {
      centre: this.id, root: signPublic(this.root), flags: 0n, issued: noon - day, issuerEpochLeast: 1n, rosterEpochLeast: 1n,
      clockShiftHours: 0, desks: [{ name: 'talk', reachable: 1 }], page: '{}',
    }, this.root);
    this.issuer = objects.signObject(objects.issuer, { epoch: 1n, notBefore: noon - 100n * day, notAfter: noon + 200n * day, key: signPublic(this.issuerSeed) }, this.root);
  }

  // `wrong`: fields that are not as they should be, and { unlisted, disabled, forged }.
  enrol(wrong = {}) {
    const signSeed = this.random.bytes(32), agreeSeed = this.random.bytes(32);
    const fields = {
      role: 1, desk: this.desk, serial: 1n, notBefore: noon - day, notAfter: noon + day, signKey: signPublic(signSeed), agreeKey: x25519.getPublicKey(agreeSeed), alias: 'ほたる', ...wrong,
    };
    const certificate = objects.signObject(objects.certificate, fields, wrong.forged ? signSeed : this.issuerSeed);
    if (!wrong.unlisted) this.listed.push({ certificate: sha256(certificate), flags: wrong.disabled ? 1n : 0n });
    return { certificate, signSeed, agreeSeed };
  }

  publish() {
    this.roster = objects.signObject(objects.roster, {
      centre: this.id, issuerHash: sha256(this.issuer), epoch: 1n, previous: zeros(32), notBefore: noon - day, notAfter: noon + 30n * day,
      entries: [...this.listed].sort((a, b) => compare(a.certificate, b.certificate)),
    }, this.issuerSeed);
    this.rosterHash = sha256(this.roster);
  }

  // What a client is shown, and then believes.
  get shown() {
    return [this.file, this.issuer, this.roster, this.fingerprint, noon];
  }
  get believed() {
    return objects.verifyTrust(...this.shown);
  }
}

export const offerOf = (certificate, dayObject, once) => {
  const out = concat(Uint8Array.of(1, 1), certificate, dayObject, once);
  return concat(out, zeros(4096 - out.length));
};
