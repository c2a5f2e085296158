import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type NodeApi, readSigner, signRoster } from '@entente/node'
import type { Nation } from '@entente/schema'
import { pairingWordsOf } from '../pairing/pairing-text.ts'

/** One pair as its two people see it. */
export interface ComparedWords {
  readonly nations: readonly [Nation, Nation]
  readonly words: string
}

/**
 * The real ceremony between serving nodes: the first nation invites the others, who accept; it confirms all replies into one roster, which
 * each root signs, and which travels in band. Invitations and replies lie in `folder`, as files that were mailed.
 * @param rootOf path of a nation’s root key
 * @throws {Error} when the roster is not in force everywhere within three minutes
 */
export async function pairNations(
  folder: string,
  nations: readonly Nation[],
  api: (nation: Nation) => NodeApi,
  rootOf: (nation: Nation) => string,
): Promise<ComparedWords> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const [first = '', ...others] = nations
  const compared: ComparedWords[] = []
  const replies = await Promise.all(
    others.map(async (nation) => {
      const { text } = await api(first).partnerInvite({ nation, forMs: 3_600_000 })
      writeFileSync(join(folder, `${nation}.invite`), text)
      const request = { text, signature: null, compared: true }
      const { reply, code } = await api(nation).partnerAccept(request)
      writeFileSync(join(folder, `${nation}.reply`), reply)
      compared.push({ nations: [first, nation], words: pairingWordsOf(code) })
      return reply
    }),
  )
  const { offers } = await api(first).pairingReplies({ replies })
  for (const { nation, code } of offers) {
    const theirs = compared.find((each) => each.nations[1] === nation)?.words
    if (theirs !== pairingWordsOf(code)) throw new Error(`the six words of ${nation} differ`)
  }
  await api(first).partnerConfirm({ replies, signature: null })
  await Promise.all(nations.map((nation) => sign(api(nation), rootOf(nation))))
  await Promise.all(nations.map((nation) => paired(api(nation), nations.length - 1)))
  const [shown] = compared
  if (shown === undefined) throw new Error('a demo takes two nations')
  return shown
}

const PAUSE_MS = 100
const MOST_MS = 180_000

/** Signs the roster that is proposed, as soon as it is heard of. */
async function sign(api: NodeApi, root: string): Promise<void> {
  const signer = readSigner(root)
  for (const until = Date.now() + MOST_MS; Date.now() < until; ) {
    const proposal = (await api.rosterProposals()).at(-1)
    if (proposal !== undefined) {
      await api.rosterSigned({ roster: signRoster(proposal.draft, signer) })
      return
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw new Error(`${api.nation} has heard of no roster`)
}

async function paired(api: NodeApi, partners: number): Promise<void> {
  for (const until = Date.now() + MOST_MS; Date.now() < until; ) {
    const listed = await api.partnerList()
    if (listed.filter(({ state }) => state === 'paired').length === partners) return
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw new Error(`the roster has not come into force at ${api.nation}`)
}
