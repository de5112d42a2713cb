import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest()

/** A device with one key, in software: whatever it is told to say it says, right or wrong. */
export class Authenticator {
  readonly id: Buffer = randomBytes(16)
  readonly #key: KeyObject
  readonly #cose: Buffer
  counter = 0

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#key = privateKey
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    // COSE of an EC2 key (RFC 9052): {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    this.#cose = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ])
  }

  create(options: Readonly<Record<string, unknown>>, site: DeviceSite): Record<string, unknown> {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, this.#cose])
    const data = Buffer.concat([this.#head(site, 0x45), attested])
    const size = Buffer.alloc(2)
    size.writeUInt16BE(data.length)
    // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}.
    const object = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746159', 'hex'),
      size,
      data,
    ])
    return this.#answer({
      clientDataJSON: b64(clientData('webauthn.create', options, site)),
      attestationObject: b64(object),
      transports: ['internal'],
    })
  }

  sign(options: Readonly<Record<string, unknown>>, site: DeviceSite): Record<string, unknown> {
    this.counter += 1
    const client = clientData('webauthn.get', options, site)
    const data = this.#head(site, site.unverified === true ? 0x01 : 0x05)
    const signature = createSign('sha256')
      .update(Buffer.concat([data, sha256(client)]))
      .sign(this.#key)
    if (site.flipped === true) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
    return this.#answer({
      clientDataJSON: b64(client),
      authenticatorData: b64(data),
      signature: b64(signature),
    })
  }

  #head({ rpId }: DeviceSite, flags: number): Buffer {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(this.counter)
    return Buffer.concat([sha256(rpId), Buffer.of(flags), counter])
  }

  #answer(response: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const id = b64(this.id)
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response }
  }
}

export interface DeviceSite {
  readonly origin: string
  readonly rpId: string
  /** True to say that nobody unlocked the device. */
  readonly unverified?: boolean
  readonly flipped?: boolean
}

function clientData(type: string, options: Readonly<Record<string, unknown>>, { origin }: DeviceSite): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge: options['challenge'], origin, crossOrigin: false }))
}
