import { join } from 'node:path'
import { supplierSigner } from '@entente/node'
import {
  Consent,
  ConsentSentence,
  consentSealType,
  RegisterDocument,
  SignedRegister,
  Supplier,
} from '@entente/policy'
import { type Nation, type Sign, signJws, toBase64url } from '@entente/schema'
import { z } from 'zod'
import { readExample } from './examples.ts'
import type { DemoFederation } from './federation.ts'

const nation: Nation = 'USA'

/** Suppliers and consents of the exercise, without the keys and seals that each run makes. */
const Unsealed = RegisterDocument.extend({
  suppliers: z.array(Supplier.omit({ key: true })),
  consents: z.array(Consent.omit({ seal: true })),
})

/** Puts a register with suppliers' consents in force: their keys are made here, and are nobody's. */
export async function giveConsents(federation: DemoFederation, workDir: string): Promise<void> {
  const { api, signRegister } = federation
  const before = SignedRegister.safeParse(await api(nation).registerShow())
  if (before.success) return
  const register = Unsealed.parse(readExample(`consents/${nation}.json`))
  const signers = new Map(
    register.suppliers.map(({ id }) => {
      const path = join(workDir, 'authority', `${nation}.${id}.pem`)
      return [id, supplierSigner(path)]
    }),
  )
  const document: RegisterDocument = {
    ...register,
    suppliers: register.suppliers.map((supplier) => ({
      ...supplier,
      key: toBase64url(signers.get(supplier.id)?.publicKey ?? new Uint8Array(32)),
    })),
    consents: register.consents.map((terms) => {
      const sentence = ConsentSentence.parse({ nation, ...terms })
      const sign: Sign = (bytes) => signers.get(terms.supplier)?.sign(bytes) ?? new Uint8Array(64)
      return { ...terms, seal: signJws(consentSealType, sentence, sign) }
    }),
  }
  await api(nation).registerInstall(signRegister(nation, document))
}
