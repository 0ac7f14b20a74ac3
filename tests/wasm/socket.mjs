// A WebSocket client (RFC 6455) over TLS, as much of it as the tests need: Node 18 has none.
import { createHash, randomBytes } from 'node:crypto';
import tls from 'node:tls';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

// `events`: opened(), received(Uint8Array), closed(code).
export class Socket {
  #stream;
  #waiting = Buffer.alloc(0);
  #open = false;
  #code = 1006;

  constructor({ port, ca, origin, path, subprotocol }, events) {
    const key = randomBytes(16).toString('base64');
    this.accept = createHash('sha1').update(key + guid).digest('base64');
    this.events = events;
    this.#stream = tls.connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () => {
      this.#stream.write(
        [`GET ${path} HTTP/1.1`, `Host: localhost:${port}`, 'Connection: Upgrade', 'Upgrade: websocket', `Origin: ${origin}`,
          'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`, `Sec-WebSocket-Protocol: ${subprotocol}`, '', '']
          .join('\r\n'),
      );
    });
    this.#stream.on('data', (bytes) => {
      this.#waiting = Buffer.concat([this.#waiting, bytes]);
      if (!this.#open) this.#upgrade();
      while (this.#open && this.#frame());
    });
    this.#stream.on('error', () => {});
    this.#stream.on('close', () => this.events.closed(this.#code));
  }

  send(message) {
    this.#write(2, message);
  }
  cut() {
    this.#stream.destroy();
  }

  #upgrade() {
    const end = this.#waiting.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#waiting.subarray(0, end).toString();
    if (!head.startsWith('HTTP/1.1 101') || !head.includes(this.accept)) throw new Error(`no WebSocket: ${head}`);
    this.#waiting = this.#waiting.subarray(end + 4);
    this.#open = true;
    this.events.opened();
  }

  // False: the next frame is not all here yet.
  #frame() {
    const from = this.#waiting;
    if (from.length < 2) return false;
    let size = from[1] & 127;
    let at = 2;
    if (size === 126) {
      if (from.length < 4) return false;
      size = from.readUInt16BE(2);
      at = 4;
    }
    if (from.length < at + size) return false;
    const payload = Buffer.from(from.subarray(at, at + size));
    this.#waiting = from.subarray(at + size);
    const code = from[0] & 15;
    if (code === 2) this.events.received(new Uint8Array(payload));
    if (code === 9) this.#write(10, payload);
    if (code === 8) {
      this.#code = payload.readUInt16BE(0);
      this.#write(8, payload);
    }
    return true;
  }

  #write(code, payload) {
    const head = payload.length < 126 ? Buffer.from([128 | code, 128 | payload.length]) : Buffer.alloc(4);
    if (payload.length >= 126) {
      head.set([128 | code, 128 | 126]);
      head.writeUInt16BE(payload.length, 2);
    }
    const mask = randomBytes(4);
    this.#stream.write(Buffer.concat([head, mask, payload.map((byte, at) => byte ^ mask[at % 4])]));
  }
}
