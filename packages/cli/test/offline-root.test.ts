import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT } from '@entente/cli'
import { loadNodeFolder, openRequest, readSigner } from '@entente/node'
import { toBase64url } from '@entente/schema'
import { afterAll, expect, test } from 'vitest'
import { run } from './fake.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-offline-'))
afterAll(() => rmSync(base, { recursive: true }))
const folder = join(base, 'gbr')
const safe = join(base, 'safe')
const root = join(safe, 'GBR.root.pem')
const nationFile = join(folder, 'GBR.nation.json')
const at = (name: string) => join(base, name)

/** At the node. */
const node = async (...args: string[]) => {
  const { exit, out } = await run([...args, '--folder', folder, '--json'])
  return { exit, out, said: JSON.parse(out) as Record<string, unknown> }
}
/** On the computer with the root key, which has no node. */
const offline = async (...args: string[]) => {
  const { exit, out, err } = await run([...args, '--folder', at('none'), '--json'])
  return { exit, out, err, said: JSON.parse(out) as Record<string, unknown> }
}
async function roster(number: number) {
  const file = at(`roster-${number}.json`)
  await node('roster', 'build', nationFile, '--out', file, '--number', String(number))
  const signed = await offline('root', 'sign', file, '--root', root, '--yes')
  expect(signed.err).toContain(`Roster ${number}:`)
  return node('roster', 'install', file)
}
const file = () =>
  JSON.parse(readFileSync(nationFile, 'utf8')) as {
    root: string
    certificates: string[]
    revocations?: string[]
  }

test('a nation is set up with its root on another computer, and the node never has that key', async () => {
  const bare = await offline('root', 'init', '--nation', 'GBR', '--keys', safe)
  expect(bare.exit).toBe(EXIT.configuration)
  expect(bare.out).toContain('PASSPHRASE_MISSING')
  expect(existsSync(root)).toBe(false)
  const made = await offline('root', 'init', '--nation', 'GBR', '--keys', safe, '--plain-keys')
  expect(made.err).toContain('unencrypted')
  expect(
    (await offline('root', 'init', '--nation', 'GBR', '--keys', safe, '--plain-keys')).out,
  ).toContain('KEY_EXISTS')

  const asked = await node(
    ...['init', '--nation', 'GBR', '--org', 'Exercise', '--listen', '192.0.2.7:4470'],
    ...['--authorities', '2', '--root-csr', at('gbr.csr')],
  )
  expect(asked.exit).toBe(EXIT.done)
  expect(existsSync(nationFile)).toBe(false)
  expect(existsSync(at('gbr-keys/GBR.root.pem'))).toBe(false)

  // Shown in words, and nothing signed until somebody says so.
  const shown = await offline('root', 'sign', at('gbr.csr'), '--root', root)
  expect(shown.exit).toBe(EXIT.waiting)
  expect(existsSync(at('gbr.csr.signed'))).toBe(false)
  for (const word of [
    'GBR (Exercise) asks its root',
    'certify a node: GBR node, certificate 1',
    asked.said['peerId'],
    '/ip4/192.0.2.7/tcp/4470',
    'gbr.entente.example/release-log/1',
    'GBR policy authority 2',
    'GBR release officer',
    asked.said['words'],
  ])
    expect(shown.err).toContain(word)
  const signed = await offline('root', 'sign', at('gbr.csr'), '--root', root, '--yes')
  expect(signed.said['words']).toBe(made.said['words'])

  const installed = await node('root', 'install', at('gbr.csr.signed'))
  expect(installed.said).toMatchObject({ words: made.said['words'], documents: 5 })
  expect(file().root).toBe(toBase64url(readSigner(root).publicKey))
  expect((await node('root', 'install', at('gbr.csr.signed'))).out).toContain(
    'ROOT_REQUEST_MISSING',
  )
  expect((await roster(1)).exit).toBe(EXIT.done)
  expect(loadNodeFolder(folder).genesisSeal).not.toBe(null)
})

test('no byte of a request or an answer can be changed', async () => {
  await node('key', 'rotate', '--from', '50', '--root-csr', at('changed.csr'))
  await offline('root', 'sign', at('changed.csr'), '--root', root, '--yes')
  const request = readFileSync(at('changed.csr'), 'utf8')
  openRequest(request)
  for (let i = 0; i < request.length; i += 11) {
    const changed = `${request.slice(0, i)}${request[i] === 'A' ? 'B' : 'A'}${request.slice(i + 1)}`
    expect(() => openRequest(changed), `character ${i}`).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ROOT_REQUEST_/) }),
    )
  }
  const answer = readFileSync(at('changed.csr.signed'), 'utf8')
  const before = readFileSync(nationFile, 'utf8')
  for (let i = 0; i < answer.length; i += 131) {
    const changed = `${answer.slice(0, i)}${answer[i] === 'A' ? 'B' : 'A'}${answer.slice(i + 1)}`
    writeFileSync(at('changed.answer'), changed)
    const { exit, out } = await node('root', 'install', at('changed.answer'))
    expect([exit, out]).toEqual([
      expect.toBeOneOf([EXIT.unverified, EXIT.usage]),
      expect.stringContaining('ROOT_ANSWER_'),
    ])
  }
  expect(readFileSync(nationFile, 'utf8')).toBe(before)
})

test('what the root signs later goes the same way: a new key, a revocation, a person, a witness key', async () => {
  const ask = async (name: string, ...args: string[]) => {
    const csr = at(`${name}.csr`)
    const before = readFileSync(nationFile, 'utf8')
    const asked = await node(...args, '--root-csr', csr)
    expect(asked.exit, asked.out).toBe(EXIT.done)
    expect(readFileSync(nationFile, 'utf8')).toBe(before)
    const { err } = await offline('root', 'sign', csr, '--root', root, '--yes')
    const { exit, out } = await node('root', 'install', `${csr}.signed`)
    expect(exit, out).toBe(EXIT.done)
    return err
  }
  expect(await ask('rotate', 'key', 'rotate', '--from', '5')).toContain('from leaf:  5')
  expect(
    await ask('officer', 'key', 'officer', '--name', 'Officer 2', '--key', at('o2.pem')),
  ).toContain('release officer: Officer 2')
  expect(
    await ask('revoke', 'key', 'revoke', '--last-good', '2', '--reason', 'laptop stolen'),
  ).toContain('because: laptop stolen')
  expect(await ask('witness', 'witness', 'rotate')).toContain('certify a node')
  const { certificates, revocations } = file()
  expect([certificates.length, revocations?.length]).toEqual([7, 1])
  expect((await roster(2)).exit).toBe(EXIT.done)
})

test('another root than the one that was asked is refused at the node, and neither key nor file is a usage error', async () => {
  await node('key', 'rotate', '--from', '70', '--root-csr', at('late.csr'))
  await offline('root', 'init', '--nation', 'FRA', '--keys', safe, '--plain-keys')
  await offline('root', 'sign', at('late.csr'), '--root', join(safe, 'FRA.root.pem'), '--yes')
  const other = await node('root', 'install', at('late.csr.signed'))
  expect([other.exit, other.out]).toEqual([EXIT.refused, expect.stringContaining('ROOT_NOT_OURS')])
  expect((await node('key', 'rotate')).out).toContain('name the root key with --root')
  expect((await node('key', 'rotate', '--root', root, '--root-csr', at('x'))).out).toContain(
    'the key is here, or it is elsewhere',
  )
})

test('the root gives its place to another, offline, and the node takes its nation file', async () => {
  const fresh = join(base, 'next')
  const made = await offline('root', 'init', '--nation', 'GBR', '--keys', fresh, '--plain-keys')
  const to = join(fresh, 'GBR.root.pem')
  const out = at('GBR.succeeded.json')
  const succeed = (...args: string[]) =>
    offline('root', 'succeed', nationFile, ...['--out', out, '--reason', 'ten years old'], ...args)
  for (const [why, args, exit, code] of [
    ['no new key', ['--root', root], EXIT.usage, '--to'],
    ['the same key', ['--root', root, '--to', root, '--yes'], EXIT.configuration, 'KEY_EXISTS'],
    ['another root', ['--root', to, '--to', root, '--yes'], EXIT.refused, 'ROOT_NOT_OURS'],
    ['no key', ['--root', root, '--to', nationFile, '--yes'], EXIT.configuration, 'KEY_FORM'],
  ] as const) {
    const bad = await succeed(...args)
    expect([bad.exit, bad.out], why).toEqual([exit, expect.stringContaining(code)])
  }
  // Shown, and nothing signed until somebody says so.
  const shown = await succeed('--root', root, '--to', to)
  expect(shown.exit).toBe(EXIT.waiting)
  expect(existsSync(out)).toBe(false)
  expect(shown.err).toContain(`new root:     ${made.said['words']}`)
  expect((await succeed('--root', root, '--to', to, '--yes')).exit).toBe(EXIT.done)
  const before = file()
  const installed = await node('root', 'install', out)
  expect(installed.said).toMatchObject({ nation: 'GBR', words: made.said['words'] })
  expect(file().certificates).toHaveLength(before.certificates.length)
  expect(file().certificates).not.toEqual(before.certificates)
  expect(file().revocations).toEqual(before.revocations)
  // Certificates are the new root's alone from here on.
  const officer = ['key', 'officer', '--name', 'Officer 3', '--key', at('o3.pem')]
  expect((await node(...officer, '--root', root)).out).toContain('ROOT_NOT_OURS')

  const edition = at('roster-3.json')
  await node('roster', 'build', nationFile, '--out', edition, '--number', '3')
  const refused = await offline('root', 'sign', edition, '--root', root, '--yes')
  expect(refused.out).toContain('ROOT_NOT_IN_ROSTER')
  const signed = await offline('root', 'sign', edition, '--root', to, '--yes')
  expect(signed.err).toContain('its root before was')
  expect((await node('roster', 'install', edition)).exit).toBe(EXIT.done)
  expect((await node('roster', 'show')).said['nations']).toMatchObject([
    { words: made.said['words'], before: [expect.any(String)] },
  ])
  const { roster: inForce } = loadNodeFolder(folder)
  expect(inForce?.members.get('GBR')?.revocations).toHaveLength(1)
  expect((await node(...officer, '--root', to)).exit).toBe(EXIT.done)
})
