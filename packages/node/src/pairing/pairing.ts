import {
  digestOf,
  fromBase64url,
  hmacSha256,
  isKeyRevoked,
  keyBytes,
  type Nation,
  type NationFile,
  type OpenedInvitation,
  type OpenedPairing,
  type OpenedReply,
  openInvitation,
  openReply,
  pairingCode,
  presentKeyRevoked,
  type RosterFile,
  rootsIn,
  type Sign,
  sealInvitation,
  sealReply,
  toBase64url,
  toHex,
  utf8,
} from '@entente/schema'
import { parsePeer } from '../adapters/libp2p-peer.ts'
import { withoutQuotes } from '../admit/without-quotes.ts'
import type { EditionStanding, PairingApi, PairingOffer } from '../api/pairing-api.ts'
import type { Deps } from '../deps.ts'
import { isCut, type Revoked } from '../partners.ts'
import { type ListedPeer, type Transport, TransportError } from '../ports/transport.ts'
import { checkCertified, checkCertifiedBy } from '../setup/check-certified.ts'
import { sayFork } from '../setup/check-roots.ts'
import { installRoster, type Self } from '../setup/roster-store.ts'
import { checkInvitation, checkReply, isNamed, type Known } from './check-pairing.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { helloProposals } from './frames.ts'
import { nextEdition } from './next-edition.ts'
import { PairingError } from './pairing-error.ts'
import {
  dropPairing,
  forgetProposal,
  keepProposal,
  noteOwn,
  noteSource,
  type PairingOther,
  type PairingRow,
  pairingRows,
  proposalSources,
  proposalsIn,
  revokedPartners,
  storePairing,
  usedInvitations,
} from './pairing-store.ts'
import { checkOwnRoot, forkOf, noteSuccessions } from './root-forks.ts'
import { type EditionEvent, type EditionState, editionDigest, step, unsignedOf } from './step.ts'

export interface PairingContext {
  readonly deps: Deps
  /** All listed peers may open the pairing stream; null: open without a network. */
  readonly transport: Transport | null
  readonly self: () => Self
  readonly rosterPath: string
  /** The installed roster as it stands in its file; null: this node is alone. */
  readonly roster: RosterFile | null
  readonly exercise: string | undefined
  /** The nation file as it lies here now. */
  readonly ownFile: () => NationFile
  /** Signs with the newest certified statement key. */
  readonly sign: Sign
  /** The installed roster has changed, or who is cut off. */
  readonly reopen: () => void
  /** Cutting off and taking back go into the log as soon as this node may sign. */
  readonly sealChanges: () => void
}

/** The ceremony and the rosters that come of it, at one open node. */
export interface Pairing
  extends Pick<
      PairingApi,
      | 'partnerInvite'
      | 'pairingRead'
      | 'partnerAccept'
      | 'pairingReplies'
      | 'partnerConfirm'
      | 'rosterProposals'
      | 'rosterSigned'
      | 'partnerRevoke'
    >,
    AsyncDisposable {
  readonly compared: (nation: Nation) => void
  readonly begin: () => Promise<void>
}

const MOST_MS = 90 * 86_400_000

export function createPairing(context: PairingContext): Pairing {
  const { deps, transport, roster } = context
  const { db, clock, nation, partners, verify } = deps
  const number = roster?.witnessPolicy.number ?? 0
  let exchange: Exchange | null = null
  // A second successor may come later than the first.
  if (roster !== null)
    noteSuccessions(
      db,
      roster.nations,
      new Map([...deps.roster.members].map(([of, member]) => [of, rootsIn(member)])),
      verify,
      clock.nowMs(),
    )

  /** What our own nation file says of its root; it waits there, and no edition may have shown it to us. */
  const noteOwnWords = (): NationFile => {
    const own = context.ownFile()
    noteSuccessions(db, [own], allRoots(), verify, clock.nowMs())
    return own
  }

  // People have let another root of it into the roster: what is cut off is the one before, and the log says that the nation is back.
  for (const { nation: of, root } of revokedPartners(db)) {
    const member = deps.roster.members.get(of)
    if (member !== undefined && !rootsIn(member).includes(root))
      db.prepare('DELETE FROM revoked_partner WHERE nation = ?').run(of)
  }

  const rows = (): readonly PairingRow[] => pairingRows(db)
  const roots = (): ReadonlyMap<Nation, string> =>
    new Map([
      ...rows().flatMap(({ nation: of, other }) =>
        other === null ? [] : [[of, other.root] as const],
      ),
      ...revokedPartners(db).map(({ nation: of, root }) => [of, root] as const),
      ...[...deps.roster.members.values()].map(
        ({ nation: of, root }) => [of, toBase64url(root)] as const,
      ),
    ])
  /** Those that each nation had before as well. */
  const allRoots = (): ReadonlyMap<Nation, readonly string[]> =>
    new Map([
      ...[...roots()].map(([of, root]) => [of, [root]] as const),
      ...[...deps.roster.members.values()].map(
        (member) => [member.nation, rootsIn(member)] as const,
      ),
    ])
  const known = (): Known => ({
    nation,
    nowMs: clock.nowMs(),
    number,
    rows: rows(),
    used: usedInvitations(db),
    cutOffMs: new Map(revokedPartners(db).map(({ nation: of, atMs }) => [of, atMs])),
    revokedKeys: new Set(
      [...deps.roster.members.values()].flatMap(({ revocations }) =>
        revocations.map(({ key }) => key),
      ),
    ),
    partners: new Set(partners.keys()),
    roots: roots(),
  })
  const stateNow = (): EditionState => ({
    nation,
    number,
    roots: roots(),
    uncompared: new Set(
      rows()
        .filter(({ other, compared }) => other !== null && !compared)
        .map((row) => row.nation),
    ),
    proposals: new Map(proposalsIn(db).map((each) => [editionDigest(each), each])),
    brought: proposalSources(db),
  })

  /** @returns whether the edition in force is another now @throws what `installRoster` throws */
  const take = (event: EditionEvent): boolean => {
    const state = stateNow()
    const own = noteOwnWords()
    if (event.kind === 'heard') {
      const { nations } = event.roster
      noteSuccessions(db, nations, allRoots(), verify, clock.nowMs())
      const fork = forkOf(db, nations, deps.roster, verify)
      if (fork !== null)
        throw new PairingError('ROOT_TWICE', sayFork(fork, deps.roster.members.get(fork.nation)))
      checkOwnRoot(own, event.roster, verify)
    }
    // No root is asked to sign, and nobody is told, what no node could be opened with.
    if (
      event.kind === 'heard' &&
      event.roster.witnessPolicy.number > number &&
      !state.proposals.has(editionDigest(event.roster))
    )
      checkCertifiedBy(event.roster.nations)
    const [, effects] = step(state, event, verify)
    let installed = false
    for (const effect of effects) {
      if (effect.kind === 'refused') {
        const { from, code, message } = effect
        if (from === null) throw new PairingError(code, message)
        deps.journal.refused({ from, code, message: withoutQuotes(message) })
      } else if (effect.kind === 'install') {
        // One that has waited, and whose root has named another since.
        const fork = forkOf(db, effect.roster.nations, deps.roster, verify)
        if (fork !== null)
          throw new PairingError('ROOT_TWICE', sayFork(fork, deps.roster.members.get(fork.nation)))
        checkOwnRoot(own, effect.roster, verify)
        installRoster(context.rosterPath, effect.roster, context.self())
        installed = true
        context.reopen()
      } else if (effect.kind === 'keep') {
        keepProposal(db, effect.digest, effect.roster)
        if (event.kind === 'heard' && event.from !== null) noteSource(db, effect.digest, event.from)
      } else if (effect.kind === 'forget') forgetProposal(db, effect.digest)
      else exchange?.tellAll()
    }
    return installed
  }
  const hear = (from: Nation, rosters: readonly RosterFile[]): void => {
    for (const each of rosters)
      try {
        take({ kind: 'heard', from, roster: each })
      } catch (error) {
        const code = (error as { readonly code?: string }).code ?? 'ROSTER_FORM'
        const message = error instanceof Error ? error.message : String(error)
        deps.journal.refused({ from, code, message: withoutQuotes(message) })
      }
  }
  const waiting = (): readonly PairingRow[] =>
    rows().filter(({ nation: of, other }) => other !== null && !partners.has(of))
  const relist = async (): Promise<void> => {
    await transport?.allow(listedPeers(deps, rows(), revokedPartners(db)))
  }
  const standing = (draft: RosterFile, installed: boolean): EditionStanding => {
    const named = draft.nations.map(({ nation: of }) => of)
    const held = proposalsIn(db).find((each) => editionDigest(each) === editionDigest(draft))
    const { uncompared } = stateNow()
    return {
      state: installed || draft.witnessPolicy.number <= number ? 'in force' : 'proposed',
      number: draft.witnessPolicy.number,
      nations: named,
      unsigned: installed ? [] : unsignedOf(held ?? draft),
      uncompared: named.filter((of) => uncompared.has(of)),
    }
  }

  const readInvitation = (text: string): OpenedInvitation => {
    const opened = openInvitation(text, verify)
    checkInvitation(known(), opened)
    checkCertified(opened.member)
    checkCertifiedBy(opened.roster?.nations ?? [])
    return opened
  }
  /** Nobody else can tell it before the reply, and an invitation that is read again has the same words. */
  const ownNonce = ({ payload }: OpenedInvitation): Uint8Array =>
    hmacSha256(deps.fragmentKey, utf8(`entente-pairing-nonce/1 ${digestOf(payload)}`)).subarray(
      0,
      16,
    )
  /** Of the file that goes into the reply: a successor may wait there for its roster. */
  const codeOf = (opened: OpenedInvitation, own: NationFile): Uint8Array =>
    pairingCode(
      { root: opened.member.root, nonce: opened.nonce },
      { root: keyBytes(own.root), nonce: ownNonce(opened) },
    )
  /** What our invitations say of us. */
  const invitingFile = (): NationFile => fileIn(roster, nation) ?? context.ownFile()
  const replyCode = ({ member, nonce, payload }: OpenedReply): Uint8Array =>
    pairingCode(
      { root: keyBytes(invitingFile().root), nonce: nonceBytes(payload.invitation) },
      { root: member.root, nonce },
    )
  const firstOf = (answerMs: number | null) => ({
    ...(context.exercise !== undefined && { exercise: context.exercise }),
    ...(answerMs !== null && { answerMs }),
  })
  /** The edition that both sides build of one pairing. */
  const draftOf = ({ roster: theirs, file, payload }: OpenedInvitation): RosterFile | null => {
    const own = context.ownFile()
    if (isNamed(theirs, own) && theirs?.nations.some((each) => each.nation === file.nation))
      return null
    const next = Math.max(number, theirs?.witnessPolicy.number ?? 0) + 1
    return nextEdition(
      theirs,
      theirs === null ? [file, own] : [own],
      next,
      verify,
      firstOf(payload.answerMs ?? null),
    )
  }
  const readReplies = (texts: readonly string[]) => {
    const state = known()
    const opened = texts.map((text) => openReply(text, verify))
    const answered = opened.map((reply) => ({ reply, row: checkReply(state, reply) }))
    for (const { member } of opened) checkCertified(member)
    const twice = opened.find((reply, i) =>
      opened.slice(0, i).some((one) => one.payload.invitation === reply.payload.invitation),
    )
    if (twice !== undefined)
      throw new PairingError('REPLY_USED', `the reply of ${twice.payload.from} was given twice`)
    const asked = answered.find(({ row }) => row.answerMs !== null)?.row.answerMs ?? null
    return { answered, ...editionOf(opened, asked) }
  }
  /**
   * The newest edition beyond the one in force that our root has signed or that a confirmation here made. What a partner proposes is
   * never what we build on: our root would sign whatever terms and members stand in it.
   */
  const ownProposal = (): RosterFile | undefined => {
    const sources = proposalSources(db)
    return proposalsIn(db).findLast(
      (each) =>
        each.witnessPolicy.number > number &&
        (each.signatures[nation] !== undefined || sources.get(editionDigest(each)) === nation),
    )
  }
  /** The edition that follows; `named`: the present one says all of it already. */
  const editionOf = (
    replies: readonly OpenedReply[],
    answerMs: number | null,
  ): { readonly draft: RosterFile; readonly named: boolean } => {
    const base = ownProposal() ?? roster
    if (base !== null && replies.every(({ file }) => isNamed(base, file)))
      return { draft: base, named: true }
    const last = Math.max(
      number,
      base?.witnessPolicy.number ?? 0,
      ...replies.map(({ payload }) => payload.number),
    )
    const files = replies.map(({ file }) => file)
    const build = (edition: number) =>
      nextEdition(
        base,
        base === null ? [context.ownFile(), ...files] : files,
        edition,
        verify,
        firstOf(answerMs),
      )
    const [one, ...more] = replies
    const next = build(last + 1)
    if (one === undefined || more.length === 0) return { draft: withReply(next, one), named: false }
    // What each root has signed was an edition of two; this one takes a number that no root has signed.
    const isSigned = replies.some(({ signature }) => signature !== null)
    return { draft: isSigned ? build(last + 2) : next, named: false }
  }

  try {
    noteOwnWords()
  } catch (error) {
    // A nation file that cannot be read keeps no node from opening; editions are refused with the same words.
    const { code = 'ROSTER_UNREADABLE', message } = error as Error & { readonly code?: string }
    deps.journal.fault({ where: 'roster', code, message })
  }

  return {
    partnerInvite: async ({ nation: to, forMs, answerMs }) => {
      if (to === nation)
        throw new PairingError('INVITATION_OWN', `${nation} cannot invite itself: name a partner`)
      if (partners.has(to))
        throw new PairingError(
          'PARTNER_ALREADY',
          `${to} is a partner already: entente partner show ${to}`,
        )
      if (answerMs !== undefined && roster !== null)
        throw new PairingError(
          'PAIRING_COALITION',
          'when requests are answered stands in the roster that is in force here already: leave --answers out',
        )
      const again = revokedPartners(db).some((each) => each.nation === to)
      const at = clock.nowMs()
      const expires = at + Math.min(Math.max(forMs, 60_000), MOST_MS)
      const nonce = toBase64url(deps.randomBytes(16))
      const { key } = deps.self.certificate
      const inside = { nation: invitingFile(), roster }
      const text = sealInvitation(
        {
          ...{ from: nation, to, nonce, at, expires, key, again },
          ...(answerMs !== undefined && { answerMs }),
        },
        inside,
        context.sign,
      )
      const row = { nonce, nation: to, atMs: at, expiresMs: expires, again }
      db.transact(() =>
        storePairing(db, {
          ...row,
          state: 'invited',
          other: null,
          compared: false,
          answerMs: answerMs ?? null,
        }),
      )
      return { text, expiresMs: expires }
    },
    pairingRead: async ({ text }) => {
      const opened = readInvitation(text)
      return {
        ...offerOf(opened, codeOf(opened, context.ownFile()), opened.roster),
        draft: draftOf(opened),
      }
    },
    partnerAccept: async ({ text, signature, compared }) => {
      const opened = readInvitation(text)
      const { payload, file } = opened
      const own = context.ownFile()
      const code = codeOf(opened, own)
      const { key } = deps.self.certificate
      const reply = sealReply(
        {
          from: nation,
          to: payload.from,
          invitation: payload.nonce,
          nonce: toBase64url(ownNonce(opened)),
          at: clock.nowMs(),
          key,
          number,
        },
        { nation: own, signature },
        context.sign,
      )
      db.transact(() =>
        storePairing(db, {
          nonce: payload.nonce,
          nation: payload.from,
          state: 'accepted',
          atMs: clock.nowMs(),
          expiresMs: payload.expires,
          again: payload.again,
          other: otherOf(opened, code),
          compared,
          answerMs: null,
        }),
      )
      // Whoever holds the invitation is partner again once people have compared the words, and not before.
      if (compared) unrevoke(file.nation)
      await relist()
      return { reply, code: toHex(code) }
    },
    pairingReplies: async ({ replies }) => {
      const { answered, draft, named } = readReplies(replies)
      return {
        offers: answered.map(({ reply, row }) => ({
          ...offerOf(reply, replyCode(reply), null),
          expiresMs: row.expiresMs,
          answerMs: row.answerMs,
        })),
        draft: named ? null : draft,
      }
    },
    partnerConfirm: async ({ replies, signature }) => {
      const { answered, draft, named } = readReplies(replies)
      db.transact(() => {
        for (const { reply, row } of answered)
          storePairing(db, {
            ...row,
            state: 'confirmed',
            other: otherOf(reply, replyCode(reply)),
            compared: true,
          })
      })
      for (const { reply } of answered) unrevoke(reply.payload.from)
      await relist()
      if (named) return standing(draft, false)
      const signed =
        signature === null
          ? draft
          : { ...draft, signatures: { ...draft.signatures, [nation]: signature } }
      const installed = take({ kind: 'heard', from: null, roster: signed })
      if (!installed) noteOwn(db, editionDigest(draft), nation)
      return standing(draft, installed)
    },
    rosterProposals: async () =>
      proposalsIn(db).map((draft) => {
        const now = new Set(deps.roster.members.keys())
        const next = new Set(draft.nations.map(({ nation: of }) => of))
        const unsigned = unsignedOf(draft)
        return {
          number: draft.witnessPolicy.number,
          adds: [...next].filter((of) => !now.has(of)),
          drops: [...now].filter((of) => !next.has(of)),
          signed: [...next].filter((of) => !unsigned.includes(of)),
          unsigned,
          draft,
        }
      }),
    rosterSigned: async ({ roster: given }) => {
      const { witnessPolicy, signatures } = given
      const other = proposalsIn(db).find(
        (each) =>
          each.witnessPolicy.number === witnessPolicy.number &&
          editionDigest(each) !== editionDigest(given) &&
          each.signatures[nation] !== undefined,
      )
      if (other !== undefined && signatures[nation] !== undefined)
        throw new PairingError(
          'PROPOSAL_SIGNED_OTHER',
          `the root of ${nation} has signed another roster ${witnessPolicy.number}, and signs one of each number: confirm again for the next number`,
        )
      return standing(given, take({ kind: 'heard', from: null, roster: given }))
    },
    partnerRevoke: async ({ nation: of, reason }) => {
      const root = roots().get(of)
      const invited = rows().some((row) => row.nation === of)
      const member = deps.roster.members.get(of)
      if (of === nation || (!invited && member === undefined))
        throw new PairingError('PAIRING_UNKNOWN', `${of} is neither a partner nor invited`)
      db.transact(() => {
        dropPairing(db, of, clock.nowMs())
        if (member === undefined || root === undefined) return
        db.prepare(
          'INSERT OR IGNORE INTO revoked_partner(nation, root, at_ms, reason) VALUES (?, ?, ?, ?)',
        ).run(of, root, clock.nowMs(), reason)
      })
      await relist()
      context.sealChanges()
      if (member !== undefined) context.reopen()
    },
    compared: (of) => {
      const { changes } = db
        .prepare('UPDATE pairing SET compared = 1 WHERE nation = ? AND root IS NOT NULL')
        .run(of)
      if (changes === 0)
        throw new PairingError('PAIRING_UNKNOWN', `no pairing with ${of} waits for its words here`)
      unrevoke(of)
      take({ kind: 'compared', nation: of })
    },
    begin: async () => {
      if (transport === null) return
      const nations = new Map<string, Nation>([...partners.values()].map(peerOf))
      /** Whoever is cut off may be being paired anew, and is no member until it is. */
      const memberAt = (peerId: string): Nation | undefined => {
        const of = nations.get(peerId)
        const member = of === undefined ? undefined : partners.get(of)?.member
        return member === undefined || isCut(member, revokedPartners(db)) ? undefined : of
      }
      const nationOf = (peerId: string): Nation | null =>
        memberAt(peerId) ??
        waiting().find(({ other }) => other?.peer.peerId === peerId)?.nation ??
        null
      exchange = await createExchange({
        deps,
        transport,
        nationOf,
        peers: () => transport.connected(),
        showTo: (to) => {
          const all = proposalsIn(db)
          const names = (each: RosterFile) => fileIn(each, to) !== undefined
          const isPartner = partners.has(to)
          return {
            number,
            proposals: helloProposals(nation, isPartner ? all : all.filter(names)),
            roster: roster !== null && (isPartner || names(roster)) ? roster : null,
          }
        },
        hear,
      })
    },
    [Symbol.asyncDispose]: async () => {
      await exchange?.[Symbol.asyncDispose]()
    },
  }

  function unrevoke(of: Nation): void {
    const { changes } = db.prepare('DELETE FROM revoked_partner WHERE nation = ?').run(of)
    if (changes === 0) return
    context.sealChanges()
    context.reopen()
  }
  /** The root of the other side may have signed just this edition. */
  function withReply(draft: RosterFile, reply: OpenedReply | undefined): RosterFile {
    if (reply === undefined || reply.signature === null) return draft
    return { ...draft, signatures: { [reply.payload.from]: reply.signature } }
  }
}

/**
 * Partners and the nation's own other nodes but those whose present key is revoked, and those who are being paired: they may connect.
 * One that no transport can read is left out, and said so: a list with it would be refused as a whole.
 * @param revoked who is cut off now; what this node was opened with may be older
 */
export function listedPeers(
  {
    partners,
    further,
    siblings,
    self,
    journal,
  }: Pick<Deps, 'partners' | 'further' | 'siblings' | 'self' | 'journal'>,
  rows: readonly PairingRow[],
  revoked: Revoked,
): readonly ListedPeer[] {
  return [
    ...[...partners.values(), ...further]
      .filter(({ member }) => !isCut(member, revoked))
      .filter(({ member, certificate: node }) => presentKeyRevoked({ ...member, node }) === null)
      .map(({ certificate }) => certificate),
    ...siblings.filter(({ key }) => !isKeyRevoked(self.member, key)),
  ]
    .map(({ peerId, endpoints }): ListedPeer => ({ peerId, addresses: endpoints }))
    .concat(
      rows.flatMap(({ nation, other }) =>
        other === null || partners.has(nation) ? [] : [other.peer],
      ),
    )
    .filter((peer) => {
      try {
        parsePeer(peer)
        return true
      } catch (error) {
        if (!(error instanceof TransportError)) throw error
        journal.fault({ where: 'peers', code: error.code, message: error.message })
        return false
      }
    })
}

const peerOf = ({ nation, certificate }: { nation: Nation; certificate: { peerId: string } }) =>
  [certificate.peerId, nation] as const

const fileIn = (roster: RosterFile | null, nation: Nation): NationFile | undefined =>
  roster?.nations.find((file) => file.nation === nation)

const nonceBytes = (nonce: string): Uint8Array => fromBase64url(nonce) ?? new Uint8Array()

function offerOf(
  {
    payload,
    member,
    file,
  }: OpenedPairing<{ from: Nation; expires?: number; answerMs?: number | undefined }>,
  code: Uint8Array,
  roster: RosterFile | null,
): PairingOffer {
  return {
    nation: payload.from,
    organisation: file.organisation,
    endpoints: member.node.endpoints,
    nations: roster?.nations.map(({ nation }) => nation) ?? [payload.from],
    expiresMs: payload.expires ?? 0,
    code: toHex(code),
    answerMs: payload.answerMs ?? null,
  }
}

const otherOf = (
  { file, member: { node } }: Pick<OpenedPairing<unknown>, 'file' | 'member'>,
  code: Uint8Array,
): PairingOther => ({
  root: file.root,
  code: toHex(code),
  organisation: file.organisation,
  peer: { peerId: node.peerId, addresses: node.endpoints },
})
