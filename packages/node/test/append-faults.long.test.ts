import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appendCommand, copyBase, expectWhole, makeBase, run } from './append-faults.ts'

const dir = mkdtempSync(join(tmpdir(), 'entente-faults-'))
const base = join(dir, 'base.db')
const path = join(dir, 'log.db')
/** A hundred processes each, on a machine that may be busy. */
const withinMs = 300_000

let counts: Map<string, number> | null
beforeAll(() => {
  makeBase(base)
  counts = countCalls()
})
afterAll(() => rmSync(dir, { recursive: true }))

/** System calls by which SQLite and the head file put bytes on the disk. */
const traced = 'trace=pwrite64,ftruncate,fsync,fdatasync,unlink'

/** Runs the writer under strace. @returns null where strace may not trace */
function traceWriter(out: string, ...inject: string[]) {
  copyBase(base, path)
  const options = inject.flatMap((each) => ['-e', `inject=${each}`])
  return run(['strace', '-o', out, '-e', traced, ...options, ...appendCommand(path)])
}

/** How often the writer makes each call when nothing goes wrong; null where it cannot be traced. */
function countCalls(): Map<string, number> | null {
  if (spawnSync('strace', ['-V']).error) return null
  const out = join(dir, 'calls')
  if (traceWriter(out).status !== 0) return null
  const counts = new Map<string, number>()
  for (const [, name = ''] of readFileSync(out, 'utf8').matchAll(/^(\w+)\(/gm))
    counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

test(
  'case 24: an append killed before any of its SQL statements, its commit or its head file leaves one history',
  async () => {
    let killed = 0
    for (let at = 1; ; at++) {
      copyBase(base, path)
      const { signal, status, said } = run(appendCommand(path, at))
      await expectWhole(path, said)
      if (signal === null) {
        expect(status).toBe(0)
        break
      }
      expect(signal).toBe('SIGKILL')
      killed++
    }
    expect(killed).toBeGreaterThan(20)
  },
  withinMs,
)

test.for<[what: string, fault: string]>([
  ['killed', 'signal=KILL'],
  ['given an I/O error', 'error=EIO'],
])(
  'case 24: an append that is %s at any system call leaves one history',
  { timeout: withinMs },
  async ([what, fault], { skip }) => {
    if (counts === null) return skip('strace cannot trace here')
    let tried = 0
    let uncertain = 0
    for (const [call, count] of counts)
      for (let when = 1; when <= count; when++) {
        const { signal, said } = traceWriter('/dev/null', `${call}:${fault}:when=${when}`)
        expect(signal, `${call} ${when}`).toBe(fault === 'error=EIO' ? null : 'SIGKILL')
        await expectWhole(path, said)
        // Once a commit has failed, nobody knows what is on disk: nothing is signed until the log is opened again.
        const failed = said.findIndex(
          (each) => 'error' in each && each.error === 'DATABASE_UNCERTAIN',
        )
        if (failed >= 0) {
          expect(said.slice(failed).filter((each) => 'note' in each)).toEqual([])
          uncertain++
        }
        tried++
      }
    process.stdout.write(`case 24: ${what} at each of ${tried} system calls\n`)
    expect(tried).toBeGreaterThan(40)
    expect(uncertain > 5).toBe(fault === 'error=EIO')
  },
)
