import {
  closeSync,
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT } from '@entente/cli'
import { encryptKeys, initNode, loadOwn, readSigner, setPassphraseSource } from '@entente/node'
import { setRounds } from '@entente/node/testing'
import { afterAll, afterEach, expect, test } from 'vitest'
import { fakeNode, run } from './fake.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-encrypted-'))
afterAll(() => rmSync(base, { recursive: true }))
setRounds(1_000)
afterEach(() => setPassphraseSource(null))

const first = 'five words that nobody says'
const second = 'other words that nobody says'

/** One command line, with these passphrases on a descriptor. */
async function withFd(passphrases: readonly string[], ...args: string[]) {
  const file = join(base, 'passphrases')
  writeFileSync(file, passphrases.join('\n'))
  const fd = openSync(file, 'r')
  try {
    return await run([...args, '--passphrase-fd', String(fd), '--json'])
  } finally {
    closeSync(fd)
  }
}
/** One command line of a systemd service: its credential, and nobody to ask unless somebody types. */
function withCredential(passphrase: string, args: string[], askSecret = (): string | null => null) {
  writeFileSync(join(base, 'entente-passphrase'), `${passphrase}\n`)
  const env = { CREDENTIALS_DIRECTORY: base }
  const line = [...args, '--json']
  return run(line, fakeNode(), undefined, askSecret, undefined, undefined, env)
}
const make = (name: string) =>
  initNode({
    folder: join(base, name),
    keysDir: join(base, `${name}-keys`),
    nation: 'NOR',
    organisation: 'Exercise',
    listen: '127.0.0.1:0',
  })
const keysIn = (folder: string) =>
  readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const)

test('what init makes opens with the passphrase alone, and says nothing of it', async () => {
  const folder = join(base, 'made')
  const init = ['init', '--nation', 'NOR', '--org', 'Exercise', '--listen', '127.0.0.1:0']
  const made = await withFd([first], ...init, '--folder', folder)
  expect(made.exit).toBe(EXIT.done)
  expect(made.err).toBe('')
  const said = JSON.parse(made.out) as { rootKeyPath: string; root: string; encrypted: boolean }
  expect(said.encrypted).toBe(true)
  const all = [...keysIn(join(folder, 'keys')), ...keysIn(`${folder}-keys`)]
  expect(all).toHaveLength(10)
  for (const [file, text] of all) expect(text, file).toMatch(/^eyJ[\w.-]+\n$/)

  // A verb that needs the root: without a passphrase, with a wrong one, and with both in any order.
  const sign = ['key', 'rotate', '--root', said.rootKeyPath, '--folder', folder]
  const missing = await run([...sign, '--json'])
  expect(missing.exit).toBe(EXIT.configuration)
  expect(missing.out).toContain('PASSPHRASE_MISSING')
  const wrong = await withFd([second], ...sign)
  expect(wrong.exit).toBe(EXIT.refused)
  expect(wrong.out).toContain('PASSPHRASE_WRONG')
  expect(readdirSync(join(folder, 'keys'))).toHaveLength(7)
  const good = await withFd([second, first], ...sign)
  expect(good.exit).toBe(EXIT.done)
  expect(readFileSync(join(folder, 'keys', 'statement-4.pem'), 'utf8')).toMatch(/^eyJ/)
  for (const { out, err } of [made, missing, wrong, good])
    for (const word of [first, second, 'BEGIN']) expect(out + err).not.toContain(word)
})

test('with the systemd credential alone, what init makes is encrypted and opens', async () => {
  const folder = join(base, 'credential')
  const init = ['init', '--nation', 'NOR', '--org', 'Exercise', '--folder', folder]
  const weak = await withCredential('short', init)
  expect(weak.out).toContain('PASSPHRASE_WEAK')
  const made = await withCredential(first, init)
  expect(made).toMatchObject({ exit: EXIT.done, err: '' })
  expect(JSON.parse(made.out)).toMatchObject({ encrypted: true })
  for (const [file, text] of [...keysIn(join(folder, 'keys')), ...keysIn(`${folder}-keys`)])
    expect(text, file).toMatch(/^eyJ[\w.-]+\n$/)

  const rotate = ['key', 'rotate', '--root', join(`${folder}-keys`, 'NOR.root.pem')]
  const at = ['--folder', folder]
  expect((await run([...rotate, ...at, '--json'])).out).toContain('PASSPHRASE_MISSING')
  expect((await withCredential(second, [...rotate, ...at])).out).toContain('PASSPHRASE_WRONG')
  expect((await withCredential(first, [...rotate, ...at])).exit).toBe(EXIT.done)
  // It opens the keys; what shall open them from now on is asked for.
  const change = ['key', 'passphrase', ...at]
  expect((await withCredential(first, change)).out).toContain('PASSPHRASE_MISSING')
  expect((await withCredential(first, change, () => second)).exit).toBe(EXIT.done)
  setPassphraseSource({ open: (_, attempt) => [first][attempt] ?? null, create: () => null })
  expect(() => loadOwn(folder)).toThrow('does not open with this passphrase')
  setPassphraseSource({ open: () => second, create: () => null })
  expect(loadOwn(folder).keys.identitySeed).toHaveLength(32)
})

test('a weak passphrase, two different ones and an empty descriptor make nothing', async () => {
  const folder = join(base, 'nothing')
  const init = ['init', '--nation', 'NOR', '--org', 'E', '--folder', folder, '--json']
  expect((await withFd(['short'], ...init)).out).toContain('PASSPHRASE_WEAK')
  expect((await withFd([], ...init)).out).toContain('it is empty')
  const typed = [first, second]
  const differing = await run(init, fakeNode(), undefined, () => typed.shift() ?? null)
  expect(differing.out).toContain('two different passphrases')
  expect(readdirSync(base)).not.toContain('nothing')
})

test('without anybody to ask, init makes open keys and says so', async () => {
  const folder = join(base, 'open')
  const init = ['init', '--nation', 'NOR', '--org', 'Exercise', '--folder', folder]
  const { exit, err } = await run(init)
  expect(exit).toBe(EXIT.done)
  expect(err).toContain('entente key encrypt')
  // The same is asked for at a terminal: three times, then no more.
  const typed: string[] = []
  setPassphraseSource({ open: () => null, create: () => first })
  const root = join(`${folder}-keys`, 'NOR.root.pem')
  encryptKeys({ file: root })
  const asked = await run(
    ['key', 'rotate', '--root', root, '--folder', folder],
    fakeNode(),
    undefined,
    (question) => {
      typed.push(question)
      return second
    },
  )
  expect(asked.exit).toBe(EXIT.refused)
  expect(typed).toHaveLength(3)
})

test('encrypting that is cut off anywhere loses no key, and goes on', () => {
  const { folder } = make('cut')
  const before = loadOwn(folder).keys
  setPassphraseSource({ open: () => first, create: () => first })
  let files = 0
  for (let cut = 0; ; cut++) {
    let seen = 0
    try {
      files += encryptKeys({ folder }, () => {
        if (seen++ === 1) throw new Error('killed')
      }).length
      break
    } catch (error) {
      if ((error as Error).message !== 'killed') throw error
    }
    const now = loadOwn(folder).keys
    expect(now.identitySeed).toEqual(before.identitySeed)
    expect(now.fragmentKey).toEqual(before.fragmentKey)
    expect(now.log.publicKey).toEqual(before.log.publicKey)
    expect(now.statement.publicKey).toEqual(before.statement.publicKey)
    expect(cut).toBeLessThan(10)
  }
  expect(files).toBe(1)
  expect(loadOwn(folder).keys.witness.publicKey).toEqual(before.witness.publicKey)
  for (const [file, text] of keysIn(join(folder, 'keys'))) expect(text, file).toMatch(/^eyJ/)
})

test('what a killed process left beside a key costs no key, and a torn folder key is named with the way out', () => {
  const { folder } = make('killed')
  const keys = join(folder, 'keys')
  const before = loadOwn(folder).keys
  // Killed between the link and the removal of the other name.
  for (const file of ['identity.pem', 'log.pem'])
    linkSync(join(keys, file), join(keys, `${file}.new`))
  const torn = join(keys, 'folder-key.jwe')
  writeFileSync(torn, '', { mode: 0o600 })
  setPassphraseSource({ open: () => first, create: () => first })
  expect(() => encryptKeys({ folder })).toThrow(/folder-key.jwe is no encrypted key.*delete it/)
  expect(loadOwn(folder).keys.identitySeed).toEqual(before.identitySeed)
  rmSync(torn)
  // The same, of the folder key that was about to be put there.
  writeFileSync(`${torn}.new`, 'half', { mode: 0o600 })
  encryptKeys({ folder })
  for (const [file, text] of keysIn(keys)) expect(text, file).toMatch(/^eyJ[\w.-]+\n$/)
  expect(loadOwn(folder).keys.identitySeed).toEqual(before.identitySeed)
  expect(loadOwn(folder).keys.log.publicKey).toEqual(before.log.publicKey)
})

test('a passphrase is changed: the old one opens nothing, and no key has changed', async () => {
  const { folder, rootKeyPath } = make('changed')
  const root = readSigner(rootKeyPath).publicKey
  setPassphraseSource({ open: () => null, create: () => first })
  encryptKeys({ folder })
  encryptKeys({ file: rootKeyPath })
  expect(() => encryptKeys({ file: rootKeyPath })).toThrow('is encrypted already')
  const before = readFileSync(join(folder, 'keys', 'log.pem'), 'utf8')
  const file = join(base, 'new')
  writeFileSync(file, `${second}\n`)
  for (const at of [
    ['--folder', folder],
    ['--key', rootKeyPath],
  ]) {
    const fd = openSync(file, 'r')
    const { exit } = await withFd(
      [first],
      ...['key', 'passphrase', ...at, '--new-passphrase-fd', String(fd)],
    )
    closeSync(fd)
    expect(exit).toBe(EXIT.done)
  }
  expect(readFileSync(join(folder, 'keys', 'log.pem'), 'utf8')).toBe(before)
  setPassphraseSource({ open: (_, attempt) => [first][attempt] ?? null, create: () => null })
  expect(() => readSigner(rootKeyPath)).toThrow('does not open with this passphrase')
  setPassphraseSource({
    open: (_, attempt) => [first, second][attempt] ?? null,
    create: () => null,
  })
  expect(readSigner(rootKeyPath).publicKey).toEqual(root)
})

test('a key file that was changed, or put beside another folder key, is refused by name', () => {
  const { folder } = make('swapped')
  const other = make('other').folder
  setPassphraseSource({ open: () => first, create: () => first })
  for (const each of [folder, other]) encryptKeys({ folder: each })
  const log = join(folder, 'keys', 'log.pem')
  const text = readFileSync(log, 'utf8')
  writeFileSync(log, readFileSync(join(other, 'keys', 'log.pem')))
  expect(() => loadOwn(folder)).toThrow(`${log} is encrypted under another folder key`)
  writeFileSync(log, `${text.slice(0, -3)}${text.at(-3) === 'A' ? 'B' : 'A'}\n`)
  expect(() => loadOwn(folder)).toThrow(/log.pem has been changed|this version does not know/)
  writeFileSync(log, text)
  rmSync(join(folder, 'keys', 'folder-key.jwe'))
  expect(() => loadOwn(folder)).toThrow('folder-key.jwe, which is missing')
})
