import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '@entente/cli'
import { readSigner, verifyEd25519 } from '@entente/node'
import { readVoteSeal, toBase64url } from '@entente/schema'
import { expect, test } from 'vitest'
import { type Asked, fakeNode, makeFolder, run } from './fake.ts'

const folder = makeFolder()
const key = join(folder, '..', 'keys', 'GBR.officer.pem')
const at = (name: string) => join(folder, '..', name)
const document = 'd'.repeat(43)
const heads = ['1'.repeat(64)]
const ask = (...args: string[]) => askAt(null, ...args)
/** @param answer of the person at the terminal; null: nobody is there. */
const askAt = async (answer: boolean | null, ...args: string[]) => {
  const asked: Asked[] = []
  const questions: string[] = []
  const ran = await run(
    ['joint', ...args, '--folder', folder],
    fakeNode(asked),
    undefined,
    undefined,
    undefined,
    async (question) => {
      questions.push(question)
      return answer
    },
  )
  return { ...ran, asked, questions }
}
/** The vote that the node was asked to say. */
const votedIn = (asked: readonly Asked[]) =>
  asked.find(([verb]) => verb === 'jointVote')?.[1] as
    | { document: string; heads: string[]; choice: string; seal: string }
    | undefined

test('a vote is sealed where the key is, over what the document says now, once that was shown', async () => {
  const args = ['vote', 'dddd', '--endorse', '--key', key]
  const { exit, asked, out, err, questions } = await askAt(true, ...args)
  expect(exit).toBe(EXIT.done)
  expect(err).toContain('Maritime radar')
  expect(err).toContain(`To sign: endorse, on the heads ${heads[0]}`)
  expect(questions).toEqual(['Sign it?'])
  const vote = votedIn(asked)
  expect(vote).toMatchObject({ document, heads, choice: 'endorse' })
  expect(readVoteSeal(vote?.seal ?? '', verifyEd25519)).toMatchObject({
    nation: 'GBR',
    key: toBase64url(readSigner(key).publicKey),
    document,
    heads,
    choice: 'endorse',
  })
  expect(out).toMatch(/AUS +endorses +AUS release officer/)
})

test('nothing is sealed that nobody was shown and said yes to', async () => {
  const ballot = at('unseen.json')
  await ask('show', 'dddd', '--out', ballot)
  const said = ['--endorse', '--key', key]
  const unseen = [
    ['vote', 'dddd', ...said],
    ['vote', ...said, '--from', ballot, '--out', at('unseen-vote.json')],
  ]
  for (const args of unseen)
    for (const answer of [null, false]) {
      const { exit, asked, out, err } = await askAt(answer, ...args)
      expect(exit).toBe(EXIT.waiting)
      expect(votedIn(asked)).toBeUndefined()
      expect(err).toContain('Maritime radar')
      expect(out).toContain(`with --head ${heads[0]} signs what is shown here`)
      expect(existsSync(at('unseen-vote.json'))).toBe(false)
      const json = JSON.parse((await askAt(answer, ...args, '--json')).out)
      expect(json).toMatchObject({ signed: null, document, heads })
    }
})

test('what `joint show` says to do next signs what it showed, and asks no more', async () => {
  const { out } = await ask('show', 'dddd')
  const next = /entente joint (vote .*)$/m.exec(out)?.[1]?.replace('FILE', key).split(' ') ?? []
  const { exit, asked, questions } = await ask(...next)
  expect([exit, questions]).toEqual([EXIT.done, []])
  expect(votedIn(asked)).toMatchObject({ document, heads, choice: 'endorse' })
})

test('a document is carried to the key and the vote back, and neither file holds a key', async () => {
  const ballot = at('ballot.json')
  const shown = await ask('show', 'dddd', '--out', ballot)
  expect(shown.out).toContain(`${ballot}: to be voted on as it stands now`)
  expect(statSync(ballot).mode & 0o777).toBe(0o600)
  const vote = at('vote.json')
  const args = ['vote', '--object', '--key', key, '--from', ballot, '--out', vote, '--yes']
  const signed = await ask(...args)
  expect([signed.exit, signed.asked]).toEqual([EXIT.done, []])
  // The officer reads what is signed.
  expect(signed.err).toContain('Maritime radar')
  expect((await ask(...args)).out + (await ask(...args)).err).toContain('FILE_EXISTS')
  const installed = await ask('vote', '--install', vote)
  expect(votedIn(installed.asked)).toEqual(
    expect.objectContaining({ document, heads, choice: 'object', seal: expect.any(String) }),
  )
  expect(readFileSync(vote, 'utf8')).not.toContain('PRIVATE')
})

test.each<[string, string[], number, string]>([
  ['no key', ['dddd', '--endorse'], EXIT.usage, '--key'],
  ['no choice', ['dddd', '--key', key], EXIT.usage, '--endorse'],
  ['two choices', ['dddd', '--key', key, '--endorse', '--object'], EXIT.usage, '--object'],
  ['no document', ['--endorse', '--key', key], EXIT.usage, 'name the document'],
  ['no file for it', ['--endorse', '--key', key, '--from', 'x'], EXIT.usage, '--out'],
  [
    'what was there before',
    ['dddd', '--endorse', '--key', key, '--head', 'f'],
    EXIT.waiting,
    'JOINT_STALE',
  ],
  [
    'no ballot',
    ['--endorse', '--key', key, '--from', key, '--out', at('none')],
    EXIT.usage,
    'FILE_FORM',
  ],
  ['no vote', ['--install', at('other.json')], EXIT.usage, 'FILE_FORM'],
])('%s is refused, with what to do', async (_, args, exit, word) => {
  writeFileSync(at('other.json'), '{}')
  const { exit: ended, out, err, asked } = await ask('vote', ...args)
  expect(ended).toBe(exit)
  expect(out + err).toContain(word)
  expect(votedIn(asked)).toBeUndefined()
})
