import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildRoster,
  certifyNodeRequest,
  initNode,
  installRoster,
  joinNation,
  loadOwn,
  readSigner,
  revokeKey,
  selfOf,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import { peekJws, signJws } from '@entente/schema'
import { afterAll, expect, test } from 'vitest'
import { nodeRequestType } from '../src/setup/node-request.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-join-'))
afterAll(() => rmSync(base, { recursive: true }))
const init = (nation: string, name = nation) =>
  initNode({
    folder: join(base, name),
    keysDir: join(base, `${name}-keys`),
    nation,
    organisation: `${nation} test`,
    listen: '127.0.0.1:4470',
  })
const [nor, gbr] = [init('NOR'), init('GBR')]
const root = readSigner(nor.rootKeyPath)
const join2 = (name: string, change: Partial<Parameters<typeof joinNation>[0]> = {}) =>
  joinNation({
    folder: join(base, name),
    nationFile: nor.nationFilePath,
    listen: '127.0.0.1:0',
    name,
    ...change,
  })
const codeOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return (error as { readonly code?: unknown }).code
  }
  return 'nothing thrown'
}
const roster = (number: number) => {
  const files = [nor, gbr].map(({ nationFilePath }) =>
    JSON.parse(readFileSync(nationFilePath, 'utf8')),
  )
  let built = buildRoster(files, { number }, verifyEd25519)
  for (const { rootKeyPath } of [nor, gbr]) built = signRoster(built, readSigner(rootKeyPath))
  return built
}
const install = (folder: string, number: number) => {
  const own = loadOwn(folder)
  return installRoster(own.rosterPath, roster(number), selfOf(own))
}

test('a further node and a laptop find themselves in the roster that certifies them, and not before', () => {
  const office = join2('office')
  const laptop = join2('laptop', { drafts: true })
  expect([office.origin, laptop.origin]).toEqual(['nor.entente.example/office/release-log/1', null])
  expect(codeOf(() => install(office.folder, 1))).toBe('ROSTER_NOT_OURS')
  expect(codeOf(() => install(laptop.folder, 1))).toBe('ROSTER_NOT_OURS')
  const [one, two] = [office, laptop].map(({ requestPath }) =>
    certifyNodeRequest(nor.folder, root, requestPath),
  )
  expect([one?.role, two?.role, two?.genesisSealPath]).toEqual(['node', 'drafting-node', null])
  expect(existsSync(join(office.folder, 'genesis-seal.jws'))).toBe(true)
  for (const folder of [nor.folder, gbr.folder, office.folder, laptop.folder]) install(folder, 2)
  // The main node is what it was, and cosigns alone.
  const members = install(nor.folder, 2).members
  expect(members.get('NOR')?.node.peerId).toBe(loadOwn(nor.folder).peerId)
  // Once more: they are certified already.
  expect(codeOf(() => certifyNodeRequest(nor.folder, root, office.requestPath))).toBe('NODE_EXISTS')
  expect(codeOf(() => certifyNodeRequest(nor.folder, root, laptop.requestPath))).toBe('NODE_EXISTS')

  revokeKey(nor.folder, root, { lastGood: null, reason: 'stolen', atMs: 1, key: laptop.key })
  install(nor.folder, 3)
  expect(codeOf(() => install(laptop.folder, 3))).toBe('ROSTER_NOT_OURS')
})

test('a request that is not what it must be is certified by nobody', () => {
  const made = join2('another', { drafts: true })
  const file = (value: unknown) => {
    const path = join(base, 'request.json')
    writeFileSync(path, JSON.stringify(value))
    return path
  }
  const certify = (path: string, at = nor.folder, key = root) =>
    codeOf(() => certifyNodeRequest(at, key, path))
  const { request } = JSON.parse(readFileSync(made.requestPath, 'utf8'))
  const { payload } = peekJws(request)
  expect(certify(join(base, 'missing.json'))).toBe('REQUEST_FORM')
  expect(certify(file({}))).toBe('REQUEST_FORM')
  expect(certify(file({ request: `${request}x` }))).toBe('REQUEST_FORM')
  // Signed by another key than the one it asks for.
  expect(certify(file({ request: signJws(nodeRequestType, payload, root.sign) }))).toBe(
    'REQUEST_FORM',
  )
  expect(certify(made.requestPath, gbr.folder, readSigner(gbr.rootKeyPath))).toBe('REQUEST_FORM')
  expect(certify(made.requestPath, nor.folder, readSigner(gbr.rootKeyPath))).toBe('ROOT_NOT_OURS')
  // More than to release: it would take the place of the main node.
  const whole = join2('greedy')
  const asked = peekJws(JSON.parse(readFileSync(whole.requestPath, 'utf8')).request)
    .payload as object
  const greedy = readSigner(join(whole.folder, 'keys', 'statement.pem'))
  for (const roles of [undefined, ['witness', 'receiver', 'releaser']]) {
    const wanted = JSON.parse(JSON.stringify({ ...asked, roles }))
    expect(certify(file({ request: signJws(nodeRequestType, wanted, greedy.sign) }))).toBe(
      'REQUEST_FORM',
    )
  }
  const taken = { ...asked, origin: nor.origin }
  expect(certify(file({ request: signJws(nodeRequestType, taken, greedy.sign) }))).toBe(
    'NODE_EXISTS',
  )
})

test('no folder is overwritten, and no file that is none is joined', () => {
  expect(codeOf(() => join2('office'))).toBe('FOLDER_NOT_EMPTY')
  expect(codeOf(() => join2('x', { nationFile: join(base, 'missing') }))).toBe('ROSTER_UNREADABLE')
  expect(codeOf(() => join2('x', { nationFile: join(nor.folder, 'config.json') }))).toBe(
    'ROSTER_UNREADABLE',
  )
})
