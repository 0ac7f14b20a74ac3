// A network that a test can break: passes TCP between a browser and the server, until told otherwise. Bound to loopback.
import net from 'node:net';

export class Relay {
  toClient = 0; // bytes, as the network carried them
  toServer = 0;
  #pairs = new Set();
  #hung = false;
  #refusing = false;
  #delay_ms = 0;
  #bytes_per_second = Infinity;

  static async to(port) {
    const relay = new Relay();
    relay.server = net.createServer({ allowHalfOpen: false }, (client) => relay.#accept(client, port));
    await new Promise((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
    relay.port = relay.server.address().port;
    return relay;
  }

  // Every connection is cut, and none is taken until `restore`.
  cut() {
    this.#refusing = true;
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  }
  // Connections stay and bytes go nowhere, as in a tunnel.
  hang() {
    this.#hung = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }
  restore() {
    this.#refusing = false;
    this.#hung = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }
  // A slow phone: one way takes half of `roundTrip_ms`, and all connections share the rate, each way.
  slow({ roundTrip_ms, bitsPerSecond }) {
    this.#delay_ms = roundTrip_ms / 2;
    this.#bytes_per_second = bitsPerSecond / 8;
  }
  async close() {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #accept(client, port) {
    if (this.#refusing) return client.resetAndDestroy();
    const server = net.connect({ host: '127.0.0.1', port });
    const pair = [client, server];
    this.#pairs.add(pair);
    if (this.#hung) for (const socket of pair) socket.pause();
    this.#pass(client, server, (size) => { this.toServer += size; }, 'server');
    this.#pass(server, client, (size) => { this.toClient += size; }, 'client');
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
  }

  #free_at = { client: 0, server: 0 }; // each way is a line of its own
  #pass(from, to, count, way) {
    from.on('data', (bytes) => {
      count(bytes.length);
      if (this.#delay_ms === 0) return to.write(bytes);
      const now = Date.now();
      this.#free_at[way] = Math.max(now, this.#free_at[way]) + (bytes.length / this.#bytes_per_second) * 1000;
      setTimeout(() => to.writable && to.write(bytes), this.#free_at[way] - now + this.#delay_ms);
    });
  }
}
