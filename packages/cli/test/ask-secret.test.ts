import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'

const MAIN = join(import.meta.dirname, '../src/main.js')
const ASK = join(import.meta.dirname, '../src/ask-secret.ts')
const first = 'five words that nobody says'
const ENTER = '\r'

// It gives a process a terminal, with what is typed coming from a pipe, and shows that as a terminal does.
const { stdout } = spawnSync('script', ['--help'], { encoding: 'utf8' })
const present = stdout?.includes('--echo') ?? false

/** Runs this at a terminal of its own; each line is typed once the terminal shows the words that it waits for. */
async function atTerminal(command: string, typed: readonly (readonly [string, string])[]) {
  const child: ChildProcess = spawn('script', ['-qe', '-E', 'always', '-c', command, '/dev/null'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close')
  const left = [...typed]
  let shown = ''
  let seen = 0
  child.stdout?.on('data', (chunk) => {
    shown += String(chunk)
    const [awaited, line] = left[0] ?? []
    const at = awaited === undefined ? -1 : shown.indexOf(awaited, seen)
    if (awaited === undefined || at < 0) return
    seen = at + awaited.length
    left.shift()
    child.stdin?.write(line)
  })
  const [exit] = (await ended) as [number | null]
  return { exit, shown }
}

describe('a passphrase at a terminal', () => {
  beforeEach(({ skip }) => skip(!present, 'no script of util-linux with --echo here'))

  test('is not shown, nor is that which differs; both the same encrypt the key', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'entente-terminal-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const init = `'${process.execPath}' '${MAIN}' root init --nation NOR --keys '${folder}'`
    const { exit, shown } = await atTerminal(`${init}; ${init}; stty -a`, [
      ['New passphrase for the root key of NOR: ', `${first}${ENTER}`],
      ['The same again: ', `${first}s${ENTER}`],
      ['New passphrase for the root key of NOR: ', `${first}${ENTER}`],
      ['The same again: ', `${first}${ENTER}`],
    ])
    expect(exit).toBe(0)
    expect(shown).toContain('these were two different passphrases; nothing was made')
    expect(shown).toContain('Root key of NOR:')
    expect(shown).not.toContain('five')
    // The terminal shows again what is typed.
    expect(shown).toMatch(/ icanon .* echo /s)
    expect(readFileSync(join(folder, 'NOR.root.pem'), 'utf8')).toMatch(/^eyJ/)
  })

  const answer = `import { askSecret } from '${ASK}'; console.log('got', JSON.stringify(askSecret('Say: ')))`
  const command = `'${process.execPath}' --input-type=module -e "${answer}"`
  test.each<[what: string, typed: string, shown: string, exit: number]>([
    ['what was typed wrongly and taken back', `ab\x7fcä€\x7f\x08d${ENTER}`, 'got "acd"\r\n', 0],
    ['a line that ends as in a file', 'abc\n', 'got "abc"\r\n', 0],
    ['nothing', ENTER, 'got ""\r\n', 0],
    ['letters of other scripts', `пароль${ENTER}`, 'got "пароль"\r\n', 0],
    ['a line given up with Ctrl-D', 'abc\x04', 'got null\r\n', 0],
    ['a line interrupted with Ctrl-C', 'abc\x03', '', 130],
  ])('%s', async (_, typed, shown, exit) => {
    const ran = await atTerminal(command, [['Say: ', typed]])
    expect(ran).toEqual({ exit, shown: `Say: \r\n${shown}` })
  })
})
