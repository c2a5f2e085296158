import { presentKeyRevoked } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ListedPeer } from '../ports/transport.ts'

/** Peers that this node talks to: of all partners, those whose present key is not revoked. */
export const listedPeers = ({ partners }: Pick<Deps, 'partners'>): readonly ListedPeer[] =>
  [...partners.values()]
    .filter(({ member }) => presentKeyRevoked(member) === null)
    .map(({ certificate }) => ({
      peerId: certificate.peerId,
      addresses: certificate.endpoints,
    }))
