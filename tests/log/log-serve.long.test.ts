import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { inSync, openServing } from '../support/scenario.ts'

const main = 'packages/cli/src/main.js'

/** A verb that runs until it is told to stop, and the first line that it says, as JSON. */
async function start(...words: readonly string[]) {
  const child = spawn(process.execPath, [main, ...words, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const { value } = await lines.next()
  const said = JSON.parse(value ?? 'null') as Record<string, string>
  return {
    said,
    kill: () => child.kill('SIGKILL'),
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = await once(child, 'exit')
      return code as number
    },
  }
}

test('strangers read the log over HTTP beside the node that writes it, and it follows', async () => {
  await using federation = createFederation(['GBR', 'NOR'])
  // Witnesses have cosigned the first leaves before anybody reads.
  const nodes = await openServing(federation, ['GBR', 'NOR'])
  await inSync(nodes[0] as never, 'NOR')
  for (const node of nodes) await node[Symbol.asyncDispose]()

  const folder = federation.folder('GBR')
  const [gbr, nor] = await Promise.all([
    start('serve', '--folder', folder),
    start('serve', '--folder', federation.folder('NOR')),
  ])
  const log = await start('log', 'serve', '--listen', '127.0.0.1:0', '--folder', folder)
  try {
    const read = async (path: string) => {
      const answer = await fetch(new URL(path, log.said['serving']))
      return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : answer.status
    }
    const sizeNow = async () => Number(String(await read('checkpoint')).split('\n')[1])
    const before = await sizeNow()
    expect(before).toBeGreaterThan(0)
    expect(await read(`tile/entries/000.p/${before}`)).toHaveLength(35 * before)
    expect(await read(`tile/0/000.p/${before}`)).toHaveLength(32 * before)
    expect(await read('tile/0/001')).toBe(404)
    expect(await read('entente.db')).toBe(404)

    const subscribe = ['subscribe', 'production', '--from', 'NOR', '--folder', folder]
    await promisify(execFile)(process.execPath, [main, ...subscribe])
    const after = await eventually('the log has grown', async () => {
      const size = await sizeNow()
      return size > before ? size : null
    })
    expect(await read(`tile/entries/000.p/${after}`)).toHaveLength(35 * after)

    expect(await gbr.stop()).toBe(0)
    expect(await read('checkpoint')).toBe(503)
    expect(await log.stop()).toBe(0)
  } finally {
    for (const each of [gbr, nor, log]) each.kill()
  }
})
