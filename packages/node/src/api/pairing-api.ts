import type { Nation, RosterFile } from '@entente/schema'

/** The other side of a pairing, as its own file says; true only once people have compared the words of `code`. */
export interface PairingOffer {
  readonly nation: Nation
  readonly organisation: string
  /** Multiaddrs. */
  readonly endpoints: readonly string[]
  /** Members of the coalition that it is in; itself alone when it is in none. */
  readonly nations: readonly Nation[]
  readonly expiresMs: number
  /** 32 bytes, hexadecimal, the same at both sides; people compare them as six words. */
  readonly code: string
  /** Rhythm of answers in the first roster of these two, where the invitation names one; null: an hour, or as their roster has it. */
  readonly answerMs: number | null
}

export type PartnerState = 'invited' | 'accepted' | 'proposed' | 'paired' | 'paused' | 'revoked'

/** How far it has come with one nation. */
export interface ListedPartner {
  readonly nation: Nation
  readonly organisation: string | null
  readonly state: PartnerState
  /** What is missing and what to do, or since when. */
  readonly words: string
  readonly code: string | null
}

export interface ShownPartner extends ListedPartner {
  readonly root: string | null
  readonly peerId: string | null
  readonly endpoints: readonly string[]
  readonly keys: {
    readonly statement: string
    readonly log: string
    readonly witness: string
    readonly encryption: string
    readonly authorities: number
    readonly officers: number
  } | null
  readonly connected: boolean
  /** Records and fields that go each way now. */
  readonly sent: { readonly records: number; readonly fields: number }
  readonly received: { readonly records: number; readonly fields: number }
}

/** A roster edition that not every root has signed. */
export interface Proposal {
  readonly number: number
  /** Nations that it adds to the roster in force, and that it leaves out. */
  readonly adds: readonly Nation[]
  readonly drops: readonly Nation[]
  readonly signed: readonly Nation[]
  readonly unsigned: readonly Nation[]
  readonly draft: RosterFile
}

/** What became of an edition. */
export interface EditionStanding {
  readonly state: 'in force' | 'proposed'
  readonly number: number
  readonly nations: readonly Nation[]
  readonly unsigned: readonly Nation[]
  /** Nations whose words must be compared before it comes into force here. */
  readonly uncompared: readonly Nation[]
}

/** Pairing: who may be spoken with. It gives no right to any data. Errors: {@link PairingError}, {@link PairingTextError}. */
export interface PairingApi {
  /**
   * Makes an invitation for one nation; one made before for it no longer counts. `answerMs`: rhythm of answers to requests, 100 ms to
   * a day, where the two begin a roster; later ones keep it.
   */
  readonly partnerInvite: (request: {
    readonly nation: Nation
    readonly forMs: number
    readonly answerMs?: number
  }) => Promise<{ readonly text: string; readonly expiresMs: number }>
  /**
   * Reads an invitation for us, and changes nothing. `draft` is the roster edition that our root would sign, null when none is needed.
   */
  readonly pairingRead: (request: {
    readonly text: string
  }) => Promise<PairingOffer & { readonly draft: RosterFile | null }>
  /** @param request.signature of our root over the draft @param request.compared people have compared the words already */
  readonly partnerAccept: (request: {
    readonly text: string
    readonly signature: string | null
    readonly compared: boolean
  }) => Promise<{ readonly reply: string; readonly code: string }>
  /** Reads replies to invitations of ours; `draft` is the edition with all of them. */
  readonly pairingReplies: (request: { readonly replies: readonly string[] }) => Promise<{
    readonly offers: readonly PairingOffer[]
    readonly draft: RosterFile | null
  }>
  /** People have compared the words of each. */
  readonly partnerConfirm: (request: {
    readonly replies: readonly string[]
    readonly signature: string | null
  }) => Promise<EditionStanding>
  /** The same said later at the accepting side. */
  readonly partnerCompared: (request: { readonly nation: Nation }) => Promise<ListedPartner>
  readonly rosterProposals: () => Promise<readonly Proposal[]>
  /** Takes an edition with signatures that were made elsewhere. */
  readonly rosterSigned: (request: { readonly roster: RosterFile }) => Promise<EditionStanding>
  readonly partnerList: () => Promise<readonly ListedPartner[]>
  readonly partnerShow: (request: { readonly nation: Nation }) => Promise<ShownPartner>
  /** Cuts a nation off at once, or takes back an invitation. */
  readonly partnerRevoke: (request: {
    readonly nation: Nation
    readonly reason: string
  }) => Promise<void>
}
