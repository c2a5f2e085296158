import { signJws } from '@entente/schema'
import { hashText, type Line, publish, putInForce, putRegister } from './bundle-builder.ts'
import { policyOf, priced } from './exercise-data.ts'
import { testKey } from './keys.ts'
import { type Lie, otherKey } from './lie-tools.ts'
import { release, type Told } from './story.ts'

const makerKey = testKey(new Uint8Array(hashText('exercise maker')))
const consent = {
  id: 'maker-1',
  supplier: 'maker',
  recipients: ['NOR'],
  roles: ['engineering', 'logistics'],
  uses: ['use'],
  effective: '2026-01-01',
  expires: '2029-01-01',
}
/** A register in which the maker lets NOR have what is in its confidence. @param by who should be the maker */
const registerBy = (by: typeof makerKey, change: Line = {}): Line => ({
  suppliers: [
    {
      id: 'maker',
      title: 'EXERCISE maker',
      key: makerKey.base64url,
      names: ['exercise maker'],
    },
  ],
  consents: [
    {
      ...consent,
      ...change,
      seal: signJws('entente-supplier-consent', { nation: 'USA', ...consent, ...change }, by.sign),
    },
  ],
})

const values = { title: 'JSAM', supplier: 'exercise maker' }
const price = { unit_cost: { amount: '90', currency: 'USD' } }
const limit = { unit_cost: ['engineering'] }

/** The price goes to NOR by a row for engineers and buyers, beside a consent for engineers and logisticians. */
export function releasePrice(
  told: Told,
  members: Line | null,
  roles: Line | undefined,
  sent: Line = { ...values, ...price },
): void {
  const { federation, usa, nor } = told
  const base = policyOf(3)
  const row = {
    id: 'price',
    effect: 'permit',
    match: {
      recipient: { in: ['NOR'] },
      field: { in: ['unit_cost'] },
      caveats: { subsetOf: ['COMMERCIAL'] },
    },
    roles: ['contracting', 'engineering'],
    reasonCode: 'price',
    authority: 'Treaty 1',
  }
  told.policies.second = putInForce(federation, usa, { ...base, rules: [...base.rules, row] })
  const register = members && putRegister(federation, usa, undefined, { members }).digest
  publish(federation, usa)
  release(told, usa, nor, 'second', [{ put: priced, values: sent }], {
    inputs: { ...(register && { register }) },
    entry: (entry) => {
      if (roles !== undefined) entry['roles'] = roles
    },
  })
}
export const honestRegister = registerBy(makerKey)
export const honestLimit = limit

/** Lies about suppliers' consents and about who may read: steps 7 to 9. */
export const supplierLies: readonly Lie[] = [
  [
    'a price put without a register',
    'SUPPLIER_CONSENT',
    'USA',
    { late: (told) => releasePrice(told, null, undefined) },
  ],
  [
    'a price put beside a consent for somebody else',
    'SUPPLIER_CONSENT',
    'USA',
    { late: (told) => releasePrice(told, registerBy(makerKey, { recipients: ['GBR'] }), limit) },
  ],
  [
    'a price put after the consent was revoked',
    'SUPPLIER_CONSENT',
    'USA',
    {
      late: (told) => {
        const { consents, ...register } = honestRegister
        const revoked = (consents as Line[]).map((each) => ({ ...each, revoked: '2026-02-01' }))
        releasePrice(told, { ...register, consents: revoked }, limit)
      },
    },
  ],
  [
    'a register with a consent that the maker never sealed',
    'REGISTER_FILE',
    'USA',
    { late: (told) => releasePrice(told, registerBy(otherKey), limit) },
  ],
  [
    'a price put for more roles than row and consent give',
    'OVER_RELEASE',
    'USA',
    {
      late: (told) =>
        releasePrice(told, honestRegister, { unit_cost: ['engineering', 'logistics'] }),
    },
  ],
  [
    'a price put for everybody',
    'OVER_RELEASE',
    'USA',
    { late: (told) => releasePrice(told, honestRegister, undefined) },
  ],
  [
    'a limit put that nothing gives',
    'DECISION_DIFFERS',
    'USA',
    {
      late: (told) => releasePrice(told, honestRegister, { ...limit, title: ['engineering'] }),
    },
  ],
]
