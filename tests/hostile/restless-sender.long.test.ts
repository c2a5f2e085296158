import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Channel,
  controlProtocol,
  feedProtocol,
  keysProtocol,
  witnessProtocol,
} from '@entente/node/testing'
import { utf8 } from '@entente/schema'
import { expect, test } from 'vitest'
import { findAll, folderEvidence, textEvidence } from '../support/evidence.ts'
import { createFederation, eventually } from '../support/federation.ts'
import {
  createHostileSender,
  fragmentOf,
  type HostileSender,
  putOf,
} from '../support/hostile-sender.ts'
import { createRawPartner, type RawPartner } from '../support/raw-partner.ts'
import { livePolicy, refusals } from '../support/scenario.ts'

type Say = (frame: object | string) => Promise<void>

/** GBR's real node, and a USA that answers what comes on a feed stream as it is told to, and what else it is prepared for. */
async function restless(
  answer: (t: string, say: Say, sender: HostileSender) => Promise<void>,
  prepare: (raw: RawPartner) => Promise<void> = async () => {},
) {
  const federation = createFederation(['GBR', 'USA'])
  const gbr = await federation.open('GBR', { alone: true })
  const raw = await createRawPartner(federation, 'USA', 'GBR')
  const sender = createHostileSender(federation, 'USA', 'GBR', Date.now())
  let resumes = 0
  const serve = async (channel: Channel) => {
    const say: Say = (frame) =>
      channel.send(utf8(typeof frame === 'string' ? frame : JSON.stringify(frame))).catch(() => {})
    for await (const bytes of channel.frames) {
      const { t } = JSON.parse(Buffer.from(bytes).toString()) as { readonly t: string }
      if (t === 'resume') resumes++
      await answer(t, say, sender)
    }
  }
  await raw.transport.handle(feedProtocol, serve)
  await raw.transport.handle(controlProtocol, async (channel) => {
    for await (const _ of channel.frames);
  })
  await prepare(raw)
  await raw.open(witnessProtocol)
  return {
    federation,
    gbr,
    raw,
    resumes: () => resumes,
    codes: () => refusals(federation.folder('GBR')).map(({ code }) => code),
    [Symbol.asyncDispose]: async () => {
      await raw[Symbol.asyncDispose]()
      await federation[Symbol.asyncDispose]()
    },
  }
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('a sender whose proofs never start where we are is not asked again without end', async () => {
  await using usa = await restless(async (t, say, sender) => {
    if (t !== 'resume') return
    await say({ t: 'resumed' })
    await say({ t: 'head', checkpoint: sender.checkpoint(), base: { size: 7, hashes: [] } })
  })
  await eventually('it has begun', () => usa.resumes() > 5)
  await pause(3_000)
  expect(usa.resumes()).toBeLessThan(40)
})

test('a sender cannot end the pause after its bad statement by itself', async () => {
  let begun = false
  await using usa = await restless(async (t, say, sender) => {
    if (t !== 'resume' || begun) return
    begun = true
    sender.logPolicy(livePolicy('USA'))
    const fragment = fragmentOf('USA', { title: 'kestrel' })
    const opening = putOf(fragment)
    const bad = sender.log('release', { ...sender.release([opening]), recipient: 'AUS' })
    const frame = sender.frame(bad, { baseSize: 0, openings: [opening], bodies: [fragment] })
    for (let i = 0; i < 100; i++) {
      await say({ t: 'resumed' })
      await say(frame)
    }
  })
  await eventually('it is refused', () => usa.codes().includes('STATEMENT_RECIPIENT'))
  await pause(1_500)
  expect(usa.codes().length).toBeLessThan(5)
  // Not in sync, in words, for as long as its feed waits.
  const [partner] = (await usa.gbr.status()).partners
  expect(partner?.inSync).toBe(false)
  expect(partner?.words).toMatch(/^what it sends waits behind what was refused: /)
})

const word = 'xq7canary81zt'

/** What people are told at GBR, and what is written for them. */
const said = async ({ federation, gbr }: Awaited<ReturnType<typeof restless>>) => [
  ...[...folderEvidence(federation.folder('GBR'))].filter(({ place }) => place === 'journal.jsonl'),
  textEvidence('status', await gbr.status()),
]

test('a frame that is none is refused without a word of it in journal or status', async () => {
  const frames = [word, `{"t":"${word}"}`, `{"t":"head","${word}":1}`]
  let next = 0
  await using usa = await restless(async (t, say) => {
    if (t === 'resume') await say(frames[next++ % frames.length] ?? '')
  })
  await eventually('all are refused', () => usa.codes().length > frames.length)
  expect(new Set(usa.codes())).toEqual(new Set(['FRAME_FORM']))
  await eventually('its feed waits', async () => {
    const [partner] = (await usa.gbr.status()).partners
    return /waits behind what was refused/.test(partner?.words ?? '')
  })
  expect(findAll(await said(usa), [word])).toEqual([])
})

test('a statement that is refused leaves no word of it in journal or status', async () => {
  let next = 0
  await using usa = await restless(async (t, say, sender) => {
    if (t !== 'resume') return
    await say({ t: 'resumed' })
    const frame = sender.frame(sender.log(word, sender.release([])), { baseSize: 0 })
    await say([frame, { ...frame, proof: word }][next++ % 2] ?? frame)
  })
  await eventually('both are refused', () => new Set(usa.codes()).size === 2)
  expect(new Set(usa.codes())).toEqual(new Set(['STATEMENT_KIND', 'PROOF_MALFORMED']))
  expect(findAll(await said(usa), [word])).toEqual([])
})

test('a frame of keys or of the pairing that is none leaves no word of it in journal or status', async () => {
  const frames = [word, `{"t":"${word}"}`, `{"t":"revocations","seals":[],"${word}":1}`]
  let next = 0
  const bad = () => utf8(frames[next++ % frames.length] ?? '')
  const isBad = async (channel: Channel) => {
    for await (const _ of channel.frames) await channel.send(bad()).catch(() => {})
  }
  await using usa = await restless(
    async () => {},
    async ({ transport }) => {
      for (const protocol of [keysProtocol, '/entente/pairing/1'])
        await transport.handle(protocol, isBad)
    },
  )
  for (const _ of frames) await (await usa.raw.open(keysProtocol)).send(bad())
  await eventually('all are refused', () => usa.codes().length >= frames.length)
  expect(new Set(usa.codes())).toEqual(new Set(['REVOCATIONS_MALFORMED']))
  const journal = () =>
    readFileSync(join(usa.federation.folder('GBR'), 'journal.jsonl'), 'utf8').split('\n')
  await eventually('that of the pairing too', () =>
    journal().some((line) => line.includes('"where":"pairing"') && line.includes('malformed')),
  )
  await eventually('its answer too', async () => {
    const [partner] = (await usa.gbr.status()).partners
    return partner?.words.includes('what USA says of revoked keys is malformed')
  })
  expect(findAll(await said(usa), [word])).toEqual([])
})
