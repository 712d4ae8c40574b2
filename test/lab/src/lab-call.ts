import { request } from 'node:https';

/** Asks the simulated vCenter for what a real one does not do; answers the body of its answer. */
export type LabCall = (method: string, path: string, content?: unknown) => Promise<string>;

/** Calls to the lab at this URL, below `/_lab/`. */
export function labCall(url: string, ca: string): LabCall {
  return (method, path, content) =>
    new Promise((resolve, reject) => {
      const options = { method, ca, agent: false };
      const call = request(new URL(`/_lab/${path}`, url), options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (answer.statusCode === 200) {
            resolve(text);
          } else {
            reject(new Error(`The lab refused: ${text.trim()}`));
          }
        });
      });
      call.on('error', reject);
      call.end(content === undefined ? undefined : JSON.stringify(content));
    });
}
