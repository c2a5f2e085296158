import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { fencesOf, missingLines } from './markdown.ts'

/** Each step of a page: what is typed, and what the page shows of the answer. */
const stepsOf = (page: string) =>
  fencesOf(page).reduce<{ typed: string; shown: string }[]>((list, { language, text: block }) => {
    if (language === 'sh') list.push({ typed: block, shown: '' })
    const last = list.at(-1)
    if (language === 'text' && last !== undefined) last.shown += block
    return list
  }, [])
const ports = /(?<=127\.0\.0\.1:)\d+/g
const mark = (step: number) => `@@ step ${step}`

const pages = ['docs/walkthrough.md', 'docs/import.md', 'docs/policy.md']

describe.skipIf(process.platform === 'win32').each(pages)('%s', (page) => {
  const steps = stepsOf(page)
  const folder = mkdtempSync(join(tmpdir(), 'walk-'))
  let ran: { code: number | null; out: string; talk: string } | undefined

  beforeAll(async () => {
    // As typed in a shell: jobs have numbers, and the first command that fails ends it, and with it those that still run.
    const script = [
      'set -eum',
      // Of a job its whole group: killing the shell that a function runs in leaves its node behind.
      "trap 'for job in $(jobs -p); do kill -- -$job; done' EXIT",
      "trap 'exit 143' TERM",
      ...steps.map(({ typed }, i) => `echo; echo '${mark(i)}'\n${typed}`),
    ].join('\n')
    // The page's own ports may be in use on this machine, by somebody who follows it.
    const free = new Map<string, number>()
    for (const port of script.match(ports) ?? [])
      if (!free.has(port)) free.set(port, await freePort())
    const typed = script.replace(ports, (named) => String(free.get(named)))
    const shell = spawn('bash', ['-c', typed], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // Against what hangs: alone a page takes a minute or so, on a busy machine four times as long.
    const limit = setTimeout(() => shell.kill(), 600_000)
    const ended = new Promise<number | null>((resolve) => shell.on('exit', resolve))
    const [out, talk, code] = await Promise.all([text(shell.stdout), text(shell.stderr), ended])
    clearTimeout(limit)
    ran = { code, out, talk }
  }, 610_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('runs to its end', () => {
    expect(ran?.code, `${ran?.out}\n${ran?.talk}`).toBe(0)
  })

  test.each(
    steps
      .map((step, i) => [step.typed.split('\n')[0], i] as const)
      .filter(([, i]) => steps[i]?.shown),
  )('shows what `%s` answers', (_, i) => {
    const [, after = ''] = ran?.out.split(`${mark(i)}\n`) ?? []
    const [real = ''] = after.split('@@ step')
    expect(missingLines(steps[i]?.shown ?? '', real), real).toEqual([])
  })
})
