import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { loadOwn } from '@entente/node'
import { witnessProtocol } from '@entente/node/testing'
import { utf8 } from '@entente/schema'
import {
  cosign,
  formatAddCheckpoint,
  formatNote,
  formatSignatureLine,
  parseAddCheckpoint,
  parseNote,
} from '@entente/tlog'
import { eventually, type Federation } from '../support/federation.ts'
import { createHostileSender, type HostileSender } from '../support/hostile-sender.ts'
import type { RawPartner } from '../support/raw-partner.ts'
import { livePolicy } from '../support/scenario.ts'
import type { Lie } from './lie.ts'

/** The USA's keys before the witness of a real node of the GBR, which has cosigned `one` at its size. */
export interface WitnessStage {
  readonly federation: Federation
  readonly witness: RawPartner
  readonly one: HostileSender
  /** Its checkpoint before its last leaf. */
  readonly shorter: string
}

const history = (federation: Federation): HostileSender => {
  const sender = createHostileSender(federation, 'USA', 'GBR', Date.now())
  sender.logPolicy(livePolicy('USA'))
  return sender
}

/** Another history of the same keys, longer by so many leaves. */
function forkOf({ federation, one }: WitnessStage, longer: number): HostileSender {
  const other = history(federation)
  while (other.size() < one.size() + longer)
    other.log('pad', { origin: other.origin, at: Date.now() })
  return other
}

/** Status with which the witness answers the checkpoint of a log. */
async function submit(
  { witness }: WitnessStage,
  log: HostileSender,
  oldSize: number,
  checkpoint = log.signedCheckpoint(),
): Promise<string> {
  const proof = oldSize === 0 || oldSize >= log.size() ? [] : log.consistency(oldSize)
  const body = formatAddCheckpoint({ oldSize, proof, checkpoint })
  return (await witness.witness(`POST /add-checkpoint\n\n${body}`)).slice(0, 3)
}

export async function openWitnessStage(
  federation: Federation,
  witness: RawPartner,
): Promise<WitnessStage> {
  const one = history(federation)
  const shorter = one.signedCheckpoint()
  one.log('pad', { origin: one.origin, at: Date.now() })
  const stage = { federation, witness, one, shorter }
  const status = await submit(stage, stage.one, 0)
  if (status !== '200') throw new Error(`an honest checkpoint is answered with ${status}`)
  return stage
}

/** What a log can say to a witness. Each leaves the witness where it was. */
export const logLies: readonly Lie<WitnessStage>[] = [
  {
    lie: 'case 12: a second history of the size that was cosigned',
    by: 'the witness',
    code: '409',
    tell: (stage) => submit(stage, forkOf(stage, 0), stage.one.size()),
  },
  {
    lie: 'case 12: a longer history that does not contain the one cosigned',
    by: 'the witness',
    code: '422',
    tell: (stage) => {
      return submit(stage, forkOf(stage, 1), stage.one.size())
    },
  },
  {
    lie: 'case 12: that nothing was cosigned before',
    by: 'the witness',
    code: '409',
    tell: (stage) => {
      return submit(stage, forkOf(stage, 1), 0)
    },
  },
  {
    lie: 'a log cut short',
    by: 'the witness',
    code: '409',
    tell: (stage) => {
      // The same leaves are signed for again afterwards: only the last is missing here.
      const shorter = { ...stage.one, size: () => stage.one.size() - 1 }
      return submit(stage, shorter, shorter.size(), stage.shorter)
    },
  },
  {
    lie: 'case 33: the log of another nation',
    by: 'the witness',
    code: '403',
    tell: (stage) => {
      const { federation, one } = stage
      const { config } = loadOwn(federation.folder('AUS'))
      const { text, signatures } = parseNote(one.signedCheckpoint())
      const claimed = formatNote({ text: text.replace(one.origin, config.origin), signatures })
      return submit(stage, one, 0, claimed)
    },
  },
  {
    lie: 'case 33: a log that no roster names',
    by: 'the witness',
    code: '404',
    tell: (stage) => {
      const { one } = stage
      const { text, signatures } = parseNote(one.signedCheckpoint())
      const renamed = text.replace(one.origin, one.origin.replace(/1$/, '7'))
      return submit(stage, one, 0, formatNote({ text: renamed, signatures }))
    },
  },
]

/** A real node of the USA, whose only witness is in the hands of the GBR's liar. */
export interface WitnessedStage {
  readonly federation: Federation
  readonly usa: RunningNode
  readonly liar: RawPartner
}

/** Longer than between two looks of `eventually`: what the USA makes of an answer may take a while. */
const answerAfterMs = 60
/** So often a node asks one witness about one checkpoint before it says what it makes of the answers. */
const asksAtMost = 2

/**
 * Answers what the USA asks its witness, until the USA has said what it makes of it, or has begun anew without a word.
 * @returns the code of the fault that it noted, `unpublished` when it noted none; null when it took that for a cosignature
 */
async function answering(
  { federation, usa, liar }: WitnessedStage,
  answer: (body: string) => string,
): Promise<string | null> {
  // Faults from before the first answer are of something else.
  let before = 0
  const { log } = await usa.status()
  let asked = 0
  await liar.transport.handle(witnessProtocol, async (channel) => {
    for await (const bytes of channel.frames) {
      const request = Buffer.from(bytes).toString()
      const post = 'POST /add-checkpoint\n\n'
      if (request.startsWith(post) && asked++ === 0) before = faults(federation).length
      const text = request.startsWith(post) ? answer(request.slice(post.length)) : '404\nunknown\n'
      await new Promise((resolve) => setTimeout(resolve, answerAfterMs))
      await channel.send(utf8(text))
      return
    }
  })
  // Something new to cosign.
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'unsubscribe' })
  await eventually(
    'the USA has made up its mind',
    () => asked > asksAtMost || (asked > 0 && faults(federation)[before]),
  )
  if ((await usa.status()).log.published > log.published) return null
  return faults(federation)[before]?.code ?? 'unpublished'
}

function faults(federation: Federation): { readonly code: string }[] {
  const journal = join(federation.folder('USA'), 'journal.jsonl')
  if (!existsSync(journal)) return []
  return readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"where":"cosign"'))
    .map((line) => JSON.parse(line) as { code: string })
}

const cosignOf = (federation: Federation, nation: string, text: string): string => {
  const { cosigner } = loadOwn(federation.folder(nation))
  return formatSignatureLine(cosign(text, cosigner, Math.floor(Date.now() / 1_000)))
}

const refused: (
  lie: string,
  answer: (stage: WitnessedStage) => (body: string) => string,
) => Lie<WitnessedStage> = (lie, answer) => ({
  lie,
  by: 'the sender',
  code: 'WITNESS',
  tell: (stage) => answering(stage, answer(stage)),
})

/** What a witness can say to a log: nothing is published for it. */
export const answerLies: readonly Lie<WitnessedStage>[] = [
  refused('a size that the log never had', () => () => '409\n1000000\n'),
  refused('a size that is none', () => () => '409\n-1\n'),
  refused('always another size', () => {
    let turn = 0
    return () => `409\n${turn++ % 2}\n`
  }),
  refused(
    'a cosignature of something else',
    ({ federation }) =>
      () =>
        `200\n${cosignOf(federation, 'GBR', 'another text\n1\n')}`,
  ),
  refused('that the log lies', () => () => '403\nno\n'),
  refused(
    'the cosignature of the log’s own nation for its own',
    ({ federation }) =>
      (body) =>
        `200\n${cosignOf(federation, 'USA', parseAddCheckpoint(body).note.text)}`,
  ),
]
