import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '@entente/cli'
import { readSigner, verifyEd25519 } from '@entente/node'
import { digestApproval, keyBytes, sealerOf, toBase64url } from '@entente/schema'
import { describe, expect, test } from 'vitest'
import { type Asked, fakeNode, ID, makeFolder, run } from './fake.ts'

const folder = makeFolder()
const key = join(folder, '..', 'keys', 'GBR.officer.pem')
const at = (name: string) => join(folder, '..', name)
const officer = {
  role: 'release-officer',
  nation: 'GBR',
  serial: 3,
  name: 'GBR release officer',
  key: toBase64url(readSigner(key).publicKey),
} as const
const ask = async (...args: string[]) => {
  const asked: Asked[] = []
  const ran = await run([...args, '--folder', folder], fakeNode(asked))
  return { ...ran, asked }
}
/** Words that the node was asked to take. */
const wordsIn = (asked: readonly Asked[]) => {
  const [, taken] = asked.find(([verb]) => verb === 'approvalTake') ?? []
  return (taken as Parameters<ReturnType<typeof fakeNode>['approvalTake']>[0] | undefined)?.words
}

test('the queue says what waits for whom, why, since when, and who has signed of how many', async () => {
  const { out, asked } = await ask('release', 'queue', '--nation', 'NOR', '--record', ID)
  expect(asked).toEqual([['approvalQueue', { record: ID, recipient: 'NOR', approved: false }]])
  for (const part of ['3f9a1c20', 'rate_max', 'NOR', 'RATE-OFFICER', '0 of 2', '2026-05-01 09:30Z'])
    expect(out).toContain(part)
  expect(out).toContain('OVERDUE; the value approved before goes meanwhile')
  expect(out).toContain('May sign: GBR release officer')
})

test('the status says how many wait and since when, and that some are overdue', async () => {
  const { out } = await ask('status')
  expect(out).toContain('3 values for a release officer since 2026-05-01 09:30Z, 1 overdue')
  expect(out).toContain('2 approvals, the first on 2026-05-09 00:00Z: then what goes by them')
})

describe('an officer', () => {
  test('signs here what is named, and the node gets no more than the words', async () => {
    const { exit, asked } = await ask('release', 'approve', '3f9a', '--key', key, '--reason', 'ok')
    expect(exit).toBe(EXIT.done)
    const [word] = wordsIn(asked) ?? []
    expect(word?.opening[1]).toMatchObject({
      until: Date.UTC(2028, 0, 1),
      reason: 'ok',
      because: ['RATE-OFFICER'],
      authors: ['ann'],
      recipient: 'NOR',
    })
    const about = digestApproval(word?.opening ?? (['', {}] as never))
    const decision = { nation: 'GBR', about, decision: 'approve' } as const
    expect(sealerOf(word?.seal ?? '', decision, [officer], verifyEd25519)).toBe(officer)
    const denied = { ...decision, decision: 'deny' } as const
    expect(sealerOf(word?.seal ?? '', denied, [officer], verifyEd25519)).toBeNull()
    expect(JSON.stringify(asked)).not.toContain(readFileSync(key, 'utf8').split('\n')[1])
    expect(keyBytes(officer.key)).toHaveLength(32)
  })

  test('sees all that a filter leaves, and how many, before signing them together', async () => {
    const all = ['release', 'approve', '--all', '--nation', 'NOR', '--key', key]
    const shown = await ask(...all)
    expect(shown.out).toContain('1 value selected, nothing is signed.')
    expect(shown.out).toMatch(/Next: the same with --confirm 1$/m)
    expect(wordsIn(shown.asked)).toBeUndefined()
    expect((await ask(...all, '--confirm', '2')).exit).toBe(EXIT.waiting)
    expect(wordsIn((await ask(...all, '--confirm', '1')).asked)).toHaveLength(1)
    const none = await ask('release', 'approve', '--all', '--dataset', 'other', '--key', key)
    expect(none.out).toContain('0 values selected')
  })

  test('signs at another machine what was carried there, and the node takes in what comes back', async () => {
    const [queue, signed] = [at('queue.json'), at('signed.json')]
    expect((await ask('release', 'queue', '--out', queue)).exit).toBe(EXIT.done)
    expect(statSync(queue).mode & 0o777).toBe(0o600)
    expect((await ask('release', 'queue', '--out', queue)).exit).toBe(EXIT.usage)
    const carried = ['release', 'refuse', '3f9a', '--from', queue, '--key', key, '--out', signed]
    const away = await ask(...carried, '--reason', 'not this rate')
    expect(away).toMatchObject({ exit: EXIT.done, asked: [] })
    expect(statSync(signed).mode & 0o777).toBe(0o600)
    const back = await ask('release', 'refuse', '--install', signed)
    const [word] = wordsIn(back.asked) ?? []
    expect(word?.decision).toBe('deny')
    expect(word?.opening[1]).toMatchObject({ until: null, reason: 'not this rate' })
  })

  test.each<[string, string[], number, string]>([
    ['no key', ['approve', '3f9a'], EXIT.usage, '--key'],
    ['nothing named', ['approve', '--key', key], EXIT.usage, '--all'],
    ['an id and all', ['approve', '3f9a', '--all', '--key', key], EXIT.usage, '--all'],
    ['what does not wait', ['approve', 'ffff', '--key', key], EXIT.notFound, 'APPROVAL_UNKNOWN'],
    ['a refusal without a reason', ['refuse', '3f9a', '--key', key], EXIT.usage, '--reason'],
    [
      'a date that is none',
      ['approve', '3f9a', '--key', key, '--until', 'May'],
      EXIT.usage,
      '--until',
    ],
    ['a hold without an end', ['hold', '3f9a', '--reason', 'x'], EXIT.usage, '--until'],
    ['a hold without a reason', ['hold', '3f9a', '--until', '2027-01-01'], EXIT.usage, '--reason'],
    ['a file that is no queue', ['approve', '3f9a', '--from', key], EXIT.usage, 'FILE_FORM'],
    ['words that are none', ['approve', '--install', at('other.json')], EXIT.usage, 'FILE_FORM'],
  ])('is told what to type instead of %s', async (_, args, code, says) => {
    writeFileSync(at('other.json'), '{"format":"entente-approvals/1","nation":"GBR","words":[]}')
    const { exit, err, asked } = await ask('release', ...args)
    expect(exit).toBe(code)
    expect(err).toContain(says)
    expect(wordsIn(asked)).toBeUndefined()
  })

  test('puts something aside until a day', async () => {
    const hold = ['release', 'hold', '3f9a', '--until', '2027-01-15', '--reason', 'asked']
    const { exit, asked } = await ask(...hold)
    expect(exit).toBe(EXIT.done)
    expect(asked.at(-1)).toEqual([
      'approvalHold',
      { ids: ['3f9a1c2000000000'], untilMs: Date.UTC(2027, 0, 15), reason: 'asked' },
    ])
  })
})

test('a second officer is certified by the root, once, and under one name', async () => {
  const root = join(folder, '..', 'keys', 'GBR.root.pem')
  const [file, again] = [at('second.pem'), at('third.pem')]
  const certify = (name: string, path: string) =>
    ask('key', 'officer', '--name', name, '--key', path, '--root', root, '--json')
  const { exit, out } = await certify('Officer 2', file)
  expect(exit).toBe(EXIT.done)
  expect(JSON.parse(out)).toMatchObject({ name: 'Officer 2', serial: 4, keyPath: file })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect((await certify(' officer  2', again)).out).toContain('PERSON_EXISTS')
  expect((await certify('Officer 3', file)).out).toContain('PERSON_EXISTS')
})

test('a second authority is certified from the present leaf of the log on', async () => {
  const root = join(folder, '..', 'keys', 'GBR.root.pem')
  const [file, again] = [at('authority-2.pem'), at('authority-3.pem')]
  const certify = (name: string, path: string) =>
    ask('key', 'authority', '--name', name, '--key', path, '--root', root, '--json')
  const { exit, out } = await certify('Authority 2', file)
  expect(exit).toBe(EXIT.done)
  expect(JSON.parse(out)).toMatchObject({ name: 'Authority 2', keyPath: file })
  const nationFile = readFileSync(join(folder, 'GBR.nation.json'), 'utf8')
  const { certificates } = JSON.parse(nationFile) as { certificates: string[] }
  const payload = certificates.at(-1)?.split('.')[1] ?? ''
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    role: 'policy-authority',
    name: 'Authority 2',
    from: 0,
    origin: 'gbr.entente.example/release-log/1',
  })
  expect((await certify('authority 2', again)).out).toContain('PERSON_EXISTS')
  expect((await certify('Authority 3', at('second.pem'))).out).toContain('PERSON_EXISTS')
})
