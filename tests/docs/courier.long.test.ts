import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProcessIo, runCli, verbs } from '@entente/cli'
import { afterAll, expect, test } from 'vitest'
import { eventually } from '../support/federation.ts'
import { runVerb } from '../support/run-verb.ts'
import { fencesOf, missingLines } from './markdown.ts'

const W = mkdtempSync(join(tmpdir(), 'courier-page-'))
const ended = Promise.withResolvers<'SIGTERM'>()
const serving: Promise<unknown>[] = []
afterAll(async () => {
  ended.resolve('SIGTERM')
  await Promise.all(serving)
  rmSync(W, { recursive: true, force: true })
})

/** The words of one command line of the page, and where its answer goes. */
function parse(line: string) {
  const [, typed = '', to, or] =
    /^(.*?)(?: >>? "([^"]+)")?(?: &)?( \|\| echo "exit \$\?")?$/.exec(line) ?? []
  const words = [...typed.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  )
  return { words, to, saysExit: or !== undefined }
}

const serve = async (args: readonly string[]): Promise<void> => {
  let said = ''
  const out = (text: string) => {
    said += text
  }
  const io = { ...createProcessIo(), out, err: () => {}, stopped: () => ended.promise }
  serving.push(runCli(args, verbs, io))
  await eventually('it serves', () => said.includes(' serves on '))
}

const planOf = (): string =>
  /^Plan ([^,]*),/m.exec(readFileSync(join(W, 'preview'), 'utf8'))?.[1] ?? 'none'

/** Runs a line as a shell would, in this process. @returns what it shows */
async function run(line: string): Promise<string> {
  // What a shell would put in from the preview: the digest of the plan.
  const text = line.replace(/"\$\(sed .*\)"$/, planOf).replaceAll('$W', W)
  const cut = /^head -c (\d+) "([^"]+)" > "([^"]+)"$/.exec(text)
  if (cut !== null) {
    writeFileSync(cut[3] ?? '', readFileSync(cut[2] ?? '').subarray(0, Number(cut[1])))
    return ''
  }
  const { words, to, saysExit } = parse(text)
  const [who = '', ...args] = words
  if (!['entente', 'gbr', 'nor'].includes(who) || /\(\) \{/.test(text)) return ''
  const all = who === 'entente' ? args : [...args, '--folder', join(W, who)]
  if (args[0] === 'serve') {
    await serve(all)
    return ''
  }
  const { exit, stdout, stderr } = await runVerb(...all)
  if (exit !== 0 && !saysExit) throw new Error(`${line}: exit ${exit}\n${stdout}${stderr}`)
  if (to !== undefined) writeFileSync(to, stdout)
  return `${to === undefined ? stdout : ''}${saysExit && exit !== 0 ? `exit ${exit}\n` : ''}`
}

test('docs/courier.md runs to its end, and shows what is answered', async () => {
  const page = fencesOf('docs/courier.md')
  let answered = ''
  let shown = 0
  for (const { language, text } of page) {
    if (language === 'sh') {
      answered = ''
      for (const line of text.trim().split('\n')) answered += await run(line)
    } else {
      expect(missingLines(text, answered), answered).toEqual([])
      shown++
    }
  }
  expect(shown).toBe(6)
})
