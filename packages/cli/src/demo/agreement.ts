import { type RegisterDocument, SignedRegister } from '@entente/policy'
import type { Nation } from '@entente/schema'
import { readExample } from './examples.ts'
import type { DemoFederation } from './federation.ts'

/** The agreement that ends while the demo runs: whose it is, and who is its party. */
const giver: Nation = 'CAN'
const party: Nation = 'USA'
/** From its last edition to its end: long enough for that edition to be published. */
const NOTICE_MS = 2_000
const LONGEST_MS = 60_000

/** How an agreement ended, ms after its last moment. */
export interface Ended {
  readonly agreement: string
  readonly from: Nation
  readonly to: Nation
  /** Values that the party lost by its end. */
  readonly values: number
  /** Until the party's view had none of them. */
  readonly gone: number
  /** Until the party had acknowledged that. */
  readonly acknowledged: number
}

const register = () => readExample(`registers/${giver}.json`) as RegisterDocument

/** Puts the register in force; again, where an earlier run that was cut off has ended the agreement already. */
export async function beginAgreement(federation: DemoFederation): Promise<void> {
  const before = await editionOf(federation)
  if (before % 2 === 0) await install(federation, { ...register(), edition: before + 1 })
}

/** Has the agreement end in two seconds, and watches what it gave leave the party's view. */
export async function endAgreement(federation: DemoFederation): Promise<Ended> {
  const { api } = federation
  const before = (await heldBy(federation)).there
  const { agreements, ...document } = register()
  const endsMs = Date.now() + NOTICE_MS
  const expires = new Date(endsMs).toISOString()
  await install(federation, {
    ...document,
    edition: (await editionOf(federation)) + 1,
    agreements: agreements.map((each) => ({ ...each, expires })),
  })
  const since = async (check: () => Promise<boolean>): Promise<number> => {
    while (!(await check()) && Date.now() < endsMs + LONGEST_MS)
      await new Promise((resolve) => setTimeout(resolve, 20))
    return Date.now() - endsMs
  }
  let after = before
  const gone = await since(async () => {
    const { given, there } = await heldBy(federation)
    after = there
    return Date.now() >= endsMs && there < before && there === given
  })
  const acknowledged = await since(
    async () =>
      (await api(giver).status()).partners.find(({ nation }) => nation === party)?.sent
        .acknowledged === true,
  )
  const agreement = agreements[0]?.id ?? ''
  return { agreement, from: giver, to: party, values: before - after, gone, acknowledged }
}

export const checkEnded = ({ agreement, to, values, gone }: Ended): readonly string[] => [
  ...(values > 0 ? [] : [`${to} lost nothing when the agreement ${agreement} ended`]),
  ...(gone < LONGEST_MS ? [] : [`${to} holds on to what it had by the agreement ${agreement}`]),
]

/** Fields that the giver's node has put to the party, and those that the party's node has. */
async function heldBy({ api }: DemoFederation): Promise<{ given: number; there: number }> {
  const at = async (nation: Nation, other: Nation) =>
    (await api(nation).status()).partners.find((partner) => partner.nation === other)
  const [sender, recipient] = await Promise.all([at(giver, party), at(party, giver)])
  return { given: sender?.sent.fields ?? 0, there: recipient?.received.fields ?? 0 }
}

async function editionOf({ api }: DemoFederation): Promise<number> {
  const signed = SignedRegister.safeParse(await api(giver).registerShow())
  return signed.success ? signed.data.register.edition : 0
}

const install = ({ api, signRegister }: DemoFederation, document: RegisterDocument) =>
  api(giver).registerInstall(signRegister(giver, document))
