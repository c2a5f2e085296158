import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

/** Four processes each, on a machine that may be busy. */
const timeout = 120_000

const dir = mkdtempSync(join(tmpdir(), 'entente-full-'))
afterAll(() => rmSync(dir, { recursive: true }))
const program = fileURLToPath(new URL('disk-full-process.ts', import.meta.url))

/** Runs a shell script; `$run` is the writer's program, `$log` the path of its log. */
function shell(script: string, path: string, ...wrapped: string[]) {
  const [file = 'sh', ...args] = [...wrapped, 'sh', '-ec', script]
  const env = {
    ...process.env,
    run: `${process.execPath} ${program}`,
    log: path,
    NODE_COMPILE_CACHE: join(dir, 'compiled'),
  }
  const { stdout, stderr, status } = spawnSync(file, args, { encoding: 'utf8', env })
  const said = stdout.split('\n').filter(Boolean)
  return { status, stderr, said: said.map((line) => JSON.parse(line) as Said) }
}
interface Said {
  readonly note?: string
  readonly error?: string
  readonly ahead?: boolean
  readonly findings?: readonly unknown[]
  readonly notes?: readonly string[]
}

/** The log took some groups, then no more; read again it is whole and has all that was said, and it goes on when there is room. */
function expectFilled(said: readonly Said[]): void {
  const [full, mended] = said.filter(({ notes }) => notes !== undefined)
  const before = full === undefined ? [] : said.slice(0, said.indexOf(full))
  const left = said.flatMap(({ note }) => (note === undefined ? [] : [note]))
  expect(before.some(({ note }) => note !== undefined)).toBe(true)
  expect(before.some(({ error }) => error !== undefined)).toBe(true)
  for (const checked of [full, mended]) {
    expect(checked).toMatchObject({ ahead: false, findings: [] })
    const sizes = checked?.notes?.map((note) => note.split('\n')[1])
    expect(new Set(sizes).size).toBe(sizes?.length)
  }
  expect(mended?.notes).toEqual(expect.arrayContaining(left))
  expect(mended?.notes?.length).toBeGreaterThan(full?.notes?.length ?? 0)
  // Once a commit has failed nothing more is signed by that process.
  const failed = before.findIndex(({ error }) => error === 'DATABASE_UNCERTAIN')
  if (failed >= 0) expect(before.slice(failed).filter(({ note }) => note !== undefined)).toEqual([])
}

test('case 26: a log whose files may grow no further is whole, and goes on when they may', {
  timeout,
}, () => {
  const path = join(dir, 'limited.db')
  // No space for a third of a megabyte: a write then fails, as it does on a full disk.
  const { said, status, stderr } = shell(
    '(ulimit -f 400; $run fill $log); $run check $log; (ulimit -f 4000; $run fill $log); $run check $log',
    path,
  )
  expect(status, stderr).toBe(0)
  expectFilled(said)
})

test('case 26: a log on a small disk that is full is whole, and goes on when there is room', {
  timeout,
}, ({ skip }) => {
  const mount = join(dir, 'mount')
  mkdirSync(mount)
  const inside = ['unshare', '-rm']
  const may = shell(`mount -t tmpfs -o size=64k none ${mount}`, '', ...inside)
  if (may.status !== 0) {
    process.stdout.write('case 26: small mount skipped, this system mounts none for us\n')
    skip()
  }
  const { said, status, stderr } = shell(
    `mount -t tmpfs -o size=512k none ${mount}; $run fill $log; mount -o remount,size=2m ${mount}; $run check $log; mount -o remount,size=3m ${mount}; $run fill $log; mount -o remount,size=9m ${mount}; $run check $log`,
    join(mount, 'log.db'),
    ...inside,
  )
  expect(status, stderr).toBe(0)
  expectFilled(said)
})
