import { peekJws } from '@entente/schema'
import type { Admission } from '../admit/admit.ts'
import { AdmitError } from '../admit/codes.ts'
import { largestCheckpoint } from '../admit/evidence.ts'
import type { Deps, Partner } from '../deps.ts'
import type { PolicyFrame, SenderFrame, StatementFrame } from '../feed/frames.ts'
import { statementHash } from '../log/leaf.ts'

/** Something in a bundle that was not taken in; the rest was. */
export interface BundleRefusal {
  readonly code: string
  readonly message: string
}

type Base = StatementFrame['base']

/** So many are told of: a bundle may hold any number. */
export const MOST_REFUSED = 100

/**
 * Hands the frames of a bundle, or of what a nation's receiver passes on to its other nodes, to the door, as a stream does. There is nobody to ask to start again: a statement that is refused
 * stops its feed for the rest of the bundle, evidence that does not hold stops all of them. What takes back is hidden all the same.
 */
export interface FrameTaker {
  readonly take: (
    frame: SenderFrame | PolicyFrame,
    until: readonly (number | null)[] | undefined,
  ) => void
  readonly refused: readonly BundleRefusal[]
}

export function createFrameTaker(
  deps: Deps,
  admission: Admission,
  partner: Partner,
  bases: () => readonly Base[],
  words: (error: AdmitError, deps: Deps, partner: Partner) => string = bundleWords,
): FrameTaker {
  const refused: BundleRefusal[] = []
  const stopped = new Set<string>()
  let isStopped = false

  /** The proof that begins at the checkpoint held here, if there is one: which it is, its sender may not have known. */
  const based = <F extends { readonly base: Base }>(frame: F): F => {
    const size = largestCheckpoint(deps, partner.log.origin)?.size ?? 0
    const base = bases().find((each) => each.size === size)
    return base === undefined ? frame : { ...frame, base }
  }
  const refuse = (error: AdmitError): void => {
    const { code, stage } = error
    const message = words(error, deps, partner)
    if (stage === 'evidence') isStopped = true
    if (refused.length >= MOST_REFUSED) return
    if (refused.some((each) => each.code === code && each.message === message)) return
    refused.push({ code, message })
    deps.journal.refused({ from: partner.nation, code, message })
  }
  const trying = (work: () => void, orElse: (error: AdmitError) => void): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof AdmitError)) throw error
      orElse(error)
    }
  }
  const statement = (frame: StatementFrame): void => {
    const feed = feedOf(frame.jws)
    const passOver = () =>
      trying(
        () =>
          isStopped ? admission.hide(partner, frame) : admission.passOver(partner, based(frame)),
        (error) => {
          if (error.stage === 'evidence') refuse(error)
        },
      )
    if (isStopped || stopped.has(feed)) {
      passOver()
      return
    }
    trying(
      () => void admission.statement(partner, based(frame)),
      (error) => {
        stopped.add(feed)
        refuse(error)
        passOver()
      },
    )
  }
  return {
    refused,
    take: (frame, until) => {
      switch (frame.t) {
        case 'statement':
          statement(whatLasts(frame, until, deps.clock.nowMs()))
          break
        case 'notice':
          trying(() => admission.notice(partner, frame), refuse)
          break
        case 'head':
          if (!isStopped) trying(() => admission.head(partner, based(frame)), refuse)
          break
        case 'body':
          if (!isStopped && !hasEnded(until?.[0], deps.clock.nowMs()))
            trying(() => void admission.body(partner, frame), refuse)
          break
        case 'policy':
          if (!isStopped) trying(() => admission.policy(partner, frame), refuse)
          break
        case 'pending':
        case 'resumed':
          // Of a stream only.
          break
      }
      admission.reopen(partner)
    },
  }
}

const hasEnded = (until: number | null | undefined, nowMs: number): boolean =>
  until != null && until <= nowMs

/** What has run out on the way stays unopened, as if its sender had not served it. */
function whatLasts(
  frame: StatementFrame,
  until: readonly (number | null)[] | undefined,
  nowMs: number,
): StatementFrame {
  if (until === undefined) return frame
  const lasts = (_: unknown, i: number) => !hasEnded(until[i], nowMs)
  return { ...frame, openings: frame.openings.filter(lasts), bodies: frame.bodies.filter(lasts) }
}

/** Unreadable ones share a feed of their own: the door says what is wrong with the first. */
function feedOf(jws: string): string {
  try {
    const { feed } = peekJws(jws).payload as { readonly feed?: unknown }
    return typeof feed === 'string' ? feed : statementHash(jws)
  } catch {
    return ''
  }
}

function bundleWords(error: AdmitError, deps: Deps, { nation, log }: Partner): string {
  const held = largestCheckpoint(deps, log.origin)?.size ?? 0
  switch (error.code) {
    case 'CHECKPOINT_BASE':
      return `the bundle does not go on from what this node holds of the log of ${nation} (size ${held}): carry a bundle to ${nation}, which says so, and take the next one from it`
    case 'CHECKPOINT_ROLLBACK':
      return `this node holds more of the log of ${nation} (size ${held}) than the bundle shows: it is older. Ask for a new one`
    case 'QUORUM_STALE':
      return `what widens in the bundle is too old to be taken in: its checkpoint was cosigned too long ago, or the bundle has expired. Carry a bundle to ${nation}, and take a new one from it`
    default:
      return error.message
  }
}
