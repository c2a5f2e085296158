import { execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { connectControl, type NodeApi, pathsOf } from '@entente/node'
import { eventually } from '../support/federation.ts'

/** A node that serves in a process of its own, and everything it wrote to its terminal. */
export interface Served extends AsyncDisposable {
  readonly api: NodeApi
  readonly output: () => string
}

const main = fileURLToPath(import.meta.resolve('@entente/cli').replace(/index\.ts$/, 'main.js'))
const recorder = fileURLToPath(new URL('recording-node.ts', import.meta.url))

/** `entente serve`. */
export const serve = (folder: string): Promise<Served> =>
  start(folder, [main, 'serve', '--folder', folder])

/** The same node, with the frames that reach it written to a file. */
export const serveRecorded = (folder: string, captured: string): Promise<Served> =>
  start(folder, [recorder, folder, captured])

async function start(folder: string, args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk)
    })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const api = await eventually(`the node in ${folder} answers`, () => {
    if (child.exitCode !== null) throw new Error(`the node did not start: ${output}`)
    return connectControl(pathsOf(folder).socket)
  })
  if (api === null) throw new Error('no node answers')
  return {
    api,
    output: () => output,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** One verb of the command line, in a process of its own. */
export function entente(
  folder: string,
  ...args: string[]
): Promise<{ readonly exit: number; readonly json: unknown; readonly output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args, '--folder', folder, '--json'],
      (_, stdout, stderr) =>
        resolve({
          exit: child.exitCode ?? -1,
          json: stdout.trim().startsWith('{') ? JSON.parse(stdout) : null,
          output: stdout + stderr,
        }),
    )
  })
}
