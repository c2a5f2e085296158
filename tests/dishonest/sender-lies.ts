import { loadOwn } from '@entente/node'
import {
  type Disclosure,
  digestDisclosure,
  digestFragment,
  peekJws,
  signJws,
} from '@entente/schema'
import {
  cosign,
  createVerifierKey,
  formatNote,
  formatTlogProof,
  KEY_TYPE,
  parseNote,
  parseTlogProof,
  type Signer,
  signCheckpoint,
} from '@entente/tlog'
import { createHostileSender, dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { refusalOf } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'
import type { Lie } from './lie.ts'
import type { Stage, Told } from './stage.ts'

const day = 86_400_000
const pad = ({ usa, atMs }: Stage) => usa.log('pad', { origin: usa.origin, at: atMs })
const extra: Disclosure = ['AAAAAAAAAAAAAAAAAAAAAA', 'unit_cost', { amount: '1', currency: 'USD' }]

/** A release under a checkpoint of the log that says this origin, signed by this signer. */
function underCheckpoint(stage: Stage, origin: string, signer: Signer): string | null {
  const { usa, release, send } = stage
  const told = release()
  const proof = parseTlogProof(usa.frame(told.logged).proof)
  const root = new Uint8Array(Buffer.from(proof.checkpoint.split('\n')[2] ?? '', 'base64'))
  const checkpoint = signCheckpoint({ origin, size: usa.size(), root }, signer)
  return send(told, { proof: formatTlogProof({ ...proof, checkpoint }) })
}
const signedBy = (stage: Stage, signer: Signer) => underCheckpoint(stage, stage.usa.origin, signer)
const underOrigin = (stage: Stage, origin: string) =>
  underCheckpoint(stage, origin, loadOwn(stage.federation.folder('USA')).logSigner)

/** What a sender can say to a receiver, with all its own keys. */
export const senderLies: readonly Lie<Stage>[] = [
  // Around the log.
  {
    lie: 'case 31: a release that is in no log, with the proof of another leaf',
    by: 'the receiver',
    code: 'INCLUSION_ROOT_MISMATCH',
    tell: ({ usa, shadow, release, send, first }) => {
      const told = release(usa.release([first.opening]), shadow())
      pad({ usa, atMs: Date.now() } as Stage)
      return send({ ...told, logged: { ...told.logged, index: usa.size() - 1 } })
    },
  },
  {
    lie: 'case 31: a release whose proof ends in a root that nobody signed',
    by: 'the receiver',
    code: 'NOTE_SIGNATURE_INVALID',
    tell: ({ usa, shadow, release, send }) => {
      const apart = shadow()
      const told = release({}, apart)
      const own = parseTlogProof(apart.frame(told.logged).proof)
      const { signatures } = parseNote(usa.checkpoint())
      const checkpoint = formatNote({ text: parseNote(own.checkpoint).text, signatures })
      return send(told, { proof: formatTlogProof({ ...own, checkpoint }) }, apart)
    },
  },

  // One key for another.
  {
    lie: 'case 10: a checkpoint signed with the key of the statements',
    by: 'the receiver',
    code: 'NOTE_SIGNATURE_INVALID',
    tell: (stage) => {
      const { logSigner, keys } = loadOwn(stage.federation.folder('USA'))
      return signedBy(stage, { key: logSigner.key, sign: keys.statement.sign })
    },
  },
  {
    lie: 'case 10: a checkpoint signed with the key of the statements, under its own name',
    by: 'the receiver',
    code: 'NOTE_UNSIGNED',
    tell: (stage) => {
      const { logSigner, keys } = loadOwn(stage.federation.folder('USA'))
      const key = createVerifierKey(logSigner.key.name, KEY_TYPE.ed25519, keys.statement.publicKey)
      return signedBy(stage, { key, sign: keys.statement.sign })
    },
  },
  {
    lie: 'case 10: a statement signed with the key of the log',
    by: 'the receiver',
    code: 'JWS_SIGNATURE',
    tell: ({ federation, release, send }) => {
      const told = release()
      const { typ, payload } = peekJws(told.logged.jws)
      const { sign } = loadOwn(federation.folder('USA')).logSigner
      const jws = signJws(typ, payload, sign)
      return send({ ...told, logged: { ...told.logged, jws } })
    },
  },

  // Two histories.
  {
    lie: 'a fork of its log at a size that was seen',
    by: 'the receiver',
    code: 'CHECKPOINT_FORK',
    tell: ({ shadow, release, send }) => {
      const fork = shadow()
      return send(release({}, fork), {}, fork)
    },
  },
  {
    lie: 'a longer fork of its log',
    by: 'the receiver',
    code: 'CONSISTENCY_ROOT_MISMATCH',
    tell: ({ shadow, release, send }) => {
      const fork = shadow()
      release({}, fork)
      return send(release({}, fork), {}, fork)
    },
  },
  {
    lie: 'a log that was cut short and goes on otherwise',
    by: 'the receiver',
    code: 'CONSISTENCY_ROOT_MISMATCH',
    tell: (stage) => {
      const { usa, release, send } = stage
      usa.truncate(usa.size() - 1)
      release()
      return send(release())
    },
  },
  {
    lie: 'a log that was cut short',
    by: 'the receiver',
    code: 'CHECKPOINT_ROLLBACK',
    tell: (stage) => {
      const { usa, release, send, gbr } = stage
      pad(stage)
      const told = release()
      usa.follow(told.logged)
      send(told)
      usa.truncate(usa.size() - 1)
      const base = { size: 0, hashes: [] }
      const head = { t: 'head' as const, checkpoint: usa.checkpoint(), base }
      return refusalOf(() => gbr.admission.head(gbr.partner('USA'), head))
    },
  },

  // Time and policy.
  {
    lie: 'a decision dated back a day',
    by: 'the receiver',
    code: 'DECISION_TIME',
    tell: ({ release, send, atMs }) => send(release({ at: atMs - day })),
  },
  {
    lie: 'a decision dated tomorrow',
    by: 'the receiver',
    code: 'DECISION_TIME',
    tell: ({ release, send, atMs }) => send(release({ at: atMs + day })),
  },
  {
    lie: 'case 29: a policy committed after the release that rests on it',
    by: 'the receiver',
    code: 'POLICY_LATE',
    tell: ({ usa, release, send }) => send(release({ policy: usa.size() + 1 })),
  },
  {
    lie: 'case 29: a policy that no authority signed',
    by: 'the receiver',
    code: 'POLICY_UNSIGNED',
    tell: ({ usa, release, send }) => {
      usa.logPolicy(livePolicy('USA', 2), { signatures: ['a.b.c'] })
      return send(release())
    },
  },
  {
    lie: 'case 29: a policy that a newer one has replaced',
    by: 'the receiver',
    code: 'POLICY_INTERVAL',
    tell: ({ usa, release, send }) => {
      usa.logPolicy(livePolicy('USA', 2))
      const told = release()
      usa.follow(told.logged)
      send(told)
      return send(release({ policy: 1 }))
    },
  },
  {
    lie: 'case 29: a policy of another scope, signed by the authority of another nation',
    by: 'the receiver',
    code: 'POLICY_UNSIGNED',
    tell: ({ usa, federation, release, send }) => {
      const { signatures } = federation.sign('AUS', {
        ...(livePolicy('USA', 2) as object),
        nation: 'AUS',
      }) as { signatures: string[] }
      usa.logPolicy(livePolicy('USA', 2), { signatures })
      return send(release())
    },
  },
  {
    lie: 'the policy withheld',
    by: 'the receiver',
    code: 'POLICY_MISSING',
    tell: ({ usa, release, send }) => {
      usa.logPolicy(livePolicy('USA', 2))
      const told = release()
      return send(told, { policy: undefined } as never)
    },
  },

  // The feed.
  {
    lie: 'a statement withheld',
    by: 'the receiver',
    code: 'FEED_GAP',
    tell: ({ usa, release, send }) => {
      usa.follow(release().logged)
      return send(release())
    },
  },
  {
    lie: 'another statement at a place where one stands',
    by: 'the receiver',
    code: 'FEED_CHAIN',
    tell: ({ usa, release, send }) => {
      const told = release()
      send(told)
      const { entries: _, ...place } = usa.release([])
      return send(release({ seq: place['seq'] as number }))
    },
  },
  {
    lie: 'a second feed for a dataset that has one',
    by: 'the receiver',
    code: 'FEED_DATASET',
    tell: ({ release, send }) => send(release({ seq: 0, feed: null, prev: null })),
  },
  {
    lie: 'case 28: the leaf of another recipient',
    by: 'the receiver',
    code: 'STATEMENT_RECIPIENT',
    tell: ({ release, send }) => send(release({ recipient: 'AUS' })),
  },
  {
    lie: 'case 28: a pad leaf for a release',
    by: 'the receiver',
    code: 'STATEMENT_KIND',
    tell: ({ usa, first, send }) => send({ ...first, logged: usa.log('pad', usa.release([])) }),
  },

  // Bodies: more, less and other than was decided.
  {
    lie: 'a field more than the entry names',
    by: 'the receiver',
    code: 'FRAGMENT_FIELDS',
    tell: ({ usa, send }) => {
      const honest = fragmentOf('USA', { title: 'canary' })
      const disclosures = [...honest.disclosures, extra]
      const sd = disclosures.map((each) => digestDisclosure(each)).sort()
      const fragment = { head: { ...honest.head, sd }, disclosures }
      const opening = putOf(honest, { digest: digestFragment(fragment.head) })
      return send({ logged: usa.log('release', usa.release([opening])), fragment, opening })
    },
  },
  {
    lie: 'a field more than the head signs for',
    by: 'the receiver',
    code: 'DISCLOSURE_DIGEST',
    tell: ({ usa, send }) => {
      const honest = fragmentOf('USA', { title: 'canary' })
      const fragment = { ...honest, disclosures: [...honest.disclosures, extra] }
      const opening = putOf(fragment)
      return send({ logged: usa.log('release', usa.release([opening])), fragment, opening })
    },
  },
  {
    lie: 'a body more than there are entries',
    by: 'the receiver',
    code: 'ENTRY_UNKNOWN',
    tell: ({ release, send }) => {
      const told = release()
      const more = fragmentOf('USA', { title: 'smuggled' })
      return send(told, {
        openings: [told.opening, putOf(more)],
        bodies: [told.fragment, more],
      })
    },
  },
  {
    lie: 'a body withheld',
    by: 'the receiver',
    code: 'FRAGMENT_FORM',
    tell: ({ release, send }) => send(release(), { bodies: [] }),
  },
  {
    lie: 'a value withheld that the head signs for',
    by: 'the receiver',
    code: 'DISCLOSURE_MISSING',
    tell: ({ usa, send }) => {
      const honest = fragmentOf('USA', { title: 'canary', supplier: 'Works' })
      const fragment = { ...honest, disclosures: honest.disclosures.slice(1) }
      const opening = putOf(fragment)
      return send({ logged: usa.log('release', usa.release([opening])), fragment, opening })
    },
  },
  {
    lie: 'case 28: the body of another release',
    by: 'the receiver',
    code: 'FRAGMENT_DIGEST',
    tell: ({ release, send, first }) => send(release(), { bodies: [first.fragment] }),
  },
  {
    lie: 'a put that calls itself a drop',
    by: 'the receiver',
    code: 'ENTRY_EFFECT',
    tell: ({ release, send }) => send(release({ effect: 'narrow' })),
  },
  {
    lie: 'a drop that calls itself a put',
    by: 'the receiver',
    code: 'ENTRY_EFFECT',
    tell: ({ usa, send, first }) => {
      const opening = dropOf(first.fragment.head.id)
      const logged = usa.log('release', usa.release([opening], { effect: 'widen' }))
      return send({ ...first, logged, opening })
    },
  },

  // In the name of another.
  {
    lie: 'case 33: the log of another nation, under its own key',
    by: 'the receiver',
    code: 'CHECKPOINT_ORIGIN',
    tell: (stage) => underOrigin(stage, 'aus.entente.example/release-log/1'),
  },
  {
    lie: 'case 33: a new log of its own that nobody was told of',
    by: 'the receiver',
    code: 'CHECKPOINT_ORIGIN',
    tell: (stage) => underOrigin(stage, stage.usa.origin.replace(/1$/, '7')),
  },
  {
    lie: 'case 33: a statement of the origin of another nation',
    by: 'the receiver',
    code: 'STATEMENT_ORIGIN',
    tell: ({ release, send }) => send(release({ origin: 'aus.entente.example/release-log/1' })),
  },
  {
    lie: 'case 33: the whole log of another nation as its own',
    by: 'the receiver',
    code: 'NOTE_UNSIGNED',
    tell: ({ federation, atMs, release, send }) => {
      const aus = createHostileSender(federation, 'AUS', 'GBR', atMs)
      aus.logPolicy(livePolicy('AUS'))
      return send(release({}, aus), {}, aus)
    },
  },
  {
    lie: 'a record of another nation',
    by: 'the receiver',
    code: 'ORIGINATOR',
    tell: ({ usa, send }) => {
      const fragment = fragmentOf('AUS', { title: 'canary' })
      const opening = putOf(fragment)
      return send({ logged: usa.log('release', usa.release([opening])), fragment, opening })
    },
  },
]

/** What witnesses can add to a sender's lies, or say by themselves, to a receiver. */
export const cosignedLies: readonly Lie<Stage>[] = [
  {
    lie: 'a witness that cosigns two histories',
    by: 'the receiver',
    code: 'CHECKPOINT_FORK',
    tell: ({ shadow, release, send }) => {
      const fork = shadow(['GBR', 'AUS'])
      return send(release({}, fork), {}, fork)
    },
  },
  {
    lie: 'a nation that is the witness of itself',
    by: 'the receiver',
    code: 'QUORUM_NOT_MET',
    tell: (stage) => cosignedBy(stage, ['USA']),
  },
  {
    lie: 'a log that no witness has seen',
    by: 'the receiver',
    code: 'QUORUM_NOT_MET',
    tell: (stage) => cosignedBy(stage, []),
  },
  {
    lie: 'a cosignature dated tomorrow',
    by: 'the receiver',
    code: 'QUORUM_STALE',
    tell: (stage) => cosignedBy(stage, ['GBR'], stage.atMs + day),
  },
  {
    lie: 'a cosignature of another checkpoint',
    by: 'the receiver',
    code: 'COSIGNATURE_INVALID',
    tell: ({ usa, release, send }) => {
      const [, stale] = parseNote(usa.checkpoint()).signatures
      const told: Told = release()
      const proof = parseTlogProof(usa.frame(told.logged).proof)
      const { text, signatures } = parseNote(proof.checkpoint)
      const forged = [...signatures.slice(0, 1), ...(stale ? [stale] : [])]
      const checkpoint = formatNote({ text, signatures: forged })
      return send(told, { proof: formatTlogProof({ ...proof, checkpoint }) })
    },
  },
]

/** The same log again with these cosigners, at this time. */
function cosignedBy(
  { usa, federation, release, send, atMs }: Stage,
  witnesses: readonly string[],
  at = atMs,
): string | null {
  const told = release()
  const proof = parseTlogProof(usa.frame(told.logged).proof)
  const { text, signatures } = parseNote(proof.checkpoint)
  const added = witnesses.map((nation) =>
    cosign(text, loadOwn(federation.folder(nation)).cosigner, Math.floor(at / 1000)),
  )
  const checkpoint = formatNote({ text, signatures: [...signatures.slice(0, 1), ...added] })
  return send(told, { proof: formatTlogProof({ ...proof, checkpoint }) })
}
