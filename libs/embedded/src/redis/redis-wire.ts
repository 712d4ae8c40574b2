import { connect } from 'node:net';

const ANSWER_TIMEOUT_MS = 2000;

/**
 * Sends AUTH and PING to a Redis server and resolves to its answers, one line each
 * (`+OK`, `+PONG`, `-LOADING …`), or to nothing when it cannot be reached.
 */
export function askRedis(host: string, port: number, password: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let answer = '';
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => {
      answer += data;
      if (lines(answer).length >= 2) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(lines(answer)));
    socket.write(`AUTH ${password}\r\nPING\r\n`); // inline commands of the Redis protocol
  });
}

function lines(answer: string): readonly string[] {
  return answer.split('\r\n').slice(0, -1);
}
