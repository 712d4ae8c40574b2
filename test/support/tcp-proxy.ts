import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a program and its server, and can be gone for a while. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  /** Listens: at first on any port, later on the same one again. Answers the port. */
  async open(): Promise<number> {
    this.server = createServer((socket) => this.pipe(socket));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
    return this.port;
  }

  /** Breaks every connection and takes no more. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server) {
      const closed = once(server, 'close');
      server.close();
      this.sockets.forEach((socket) => socket.destroy());
      await closed;
    }
  }

  private pipe(client: Socket): void {
    const server = connect(this.target);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('data', (chunk) => other.write(chunk));
      socket.on('error', () => undefined); // its close follows
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
