import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../../packages/cli/src/main.js', import.meta.url))
const base = mkdtempSync(join(tmpdir(), 'demo-plug-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

type Plug = 'all processes' | 'the demo alone'

/** Runs the demo; `cut` pulls the plug when the demo says something like this. */
async function demo(work: string, cut?: { readonly at: RegExp; readonly plug: Plug }) {
  const child = spawn(process.execPath, [main, 'demo', '--once', '--json', '--work', work], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that its nodes can be killed with it.
    detached: true,
  })
  let out = ''
  let talk = ''
  let pulled = false
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    talk += chunk.toString()
    if (cut === undefined || pulled || !cut.at.test(talk)) return
    pulled = true
    process.kill(cut.plug === 'all processes' ? -(child.pid ?? 0) : (child.pid ?? 0), 'SIGKILL')
  })
  const signal = await new Promise((resolve) => child.once('close', (_, how) => resolve(how)))
  return { out, talk, signal }
}

/** What must be the same however often the plug was pulled: everything but the clock and the number of leaves. */
function outcomeOf({ out, talk }: { readonly out: string; readonly talk: string }) {
  expect(out, talk).not.toBe('')
  const { ok, problems, nations, answers, byHand } = JSON.parse(out) as {
    readonly ok: boolean
    readonly problems: readonly string[]
    readonly answers: readonly { readonly rows?: readonly object[] }[]
    readonly byHand: { readonly status: string; readonly words: string }
    readonly nations: Record<string, { records: unknown; released: unknown; received: unknown }>
  }
  const held = Object.fromEntries(
    Object.entries(nations).map(([nation, { records, released, received }]) => [
      nation,
      { records, released, received },
    ]),
  )
  // Record ids are random, and so is when each was proven.
  const rows = answers.map((answer) =>
    (answer.rows ?? [])
      .map((row) => JSON.stringify({ ...row, id: '', provenAtMs: 0 }).replace(/urn:\w+:\w+/g, ''))
      .sort(),
  )
  return { ok, problems, held, rows, byHand: byHand.status }
}

test('pulling the plug anywhere in the demo and starting again ends the same', {
  timeout: 600_000,
}, async () => {
  const whole = outcomeOf(await demo(join(base, 'whole')))
  expect(whole).toMatchObject({ ok: true, problems: [], byHand: 'sound' })
  const work = join(base, 'cut')
  const cuts: readonly (readonly [RegExp, Plug])[] = [
    [/EXERCISE/, 'all processes'],
    [/row \d+: /, 'all processes'],
    [/plan .* puts/, 'all processes'],
    [/checked once more/, 'the demo alone'],
  ]
  for (const [at, plug] of cuts) {
    const { signal, talk } = await demo(work, { at, plug })
    // What an earlier start has done is not done again, so its words may not come up once more.
    if (signal !== 'SIGKILL') expect(talk).not.toMatch(at)
  }
  expect(outcomeOf(await demo(work))).toEqual(whole)
})
