import { Inflate } from 'fflate'
import { type ZipEntry, ZipFault } from './directory.ts'

/** Bytes unpacked at a time: deflate makes at most 1,032 of one, so between two looks at the sum no more than 4 MB appear. */
const SLICE = 4096

/**
 * Unpacks a file of an archive bit by bit. INVARIANT: what an entry says of its own size is not believed, and unpacking ends as soon as
 * there is more. `take` may end it sooner by throwing. Throws `ZipFault`, and what `fflate` throws of bytes that are none of deflate's.
 */
export function unpackZip({ data, deflated, size }: ZipEntry, take: (chunk: Uint8Array) => void): void {
  let sum = 0
  const counted = (chunk: Uint8Array): void => {
    sum += chunk.length
    take(chunk)
    if (sum > size) throw new ZipFault()
  }
  if (deflated) {
    const inflate = new Inflate(counted)
    for (let at = 0; at < data.length; at += SLICE)
      inflate.push(data.subarray(at, at + SLICE), at + SLICE >= data.length)
  } else counted(data)
  if (sum !== size) throw new ZipFault()
}
