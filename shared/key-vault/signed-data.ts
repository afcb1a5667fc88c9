import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

/** Who signs: a certificate, its key, and the certificates between it and an authority. */
export interface Signer {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly chain: readonly X509Certificate[];
}

/** RFC 5652 sections 4, 11.1, 11.2 and 11.3. */
const oid = {
  data: '1.2.840.113549.1.7.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
};

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

/**
 * Signs a content as CMS SignedData that holds it (RFC 5652 section 5), in DER.
 *
 * @throws TypeError for a key that is neither RSA nor of a curve of NIST
 */
export async function signData(
  content: Uint8Array,
  { certificate, key, chain }: Signer,
  now: Date,
): Promise<Uint8Array> {
  const [own, ...others] = [certificate, ...chain].map(({ raw }) => pkijs.Certificate.fromBER(raw));
  if (own === undefined) throw new TypeError('there is no certificate');
  const digest = createHash('sha256').update(content).digest();
  const attribute = (type: string, value: asn1js.BaseBlock) => new pkijs.Attribute({ type, values: [value] });
  const signed = new pkijs.SignedData({
    version: 1,
    encapContentInfo: new pkijs.EncapsulatedContentInfo({
      eContentType: oid.data,
      eContent: new asn1js.OctetString({ valueHex: content }),
    }),
    signerInfos: [
      new pkijs.SignerInfo({
        version: 1,
        sid: new pkijs.IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
        signedAttrs: new pkijs.SignedAndUnsignedAttributes({
          type: 0,
          attributes: [
            attribute(oid.contentType, new asn1js.ObjectIdentifier({ value: oid.data })),
            attribute(oid.signingTime, new asn1js.UTCTime({ valueDate: now })),
            attribute(oid.messageDigest, new asn1js.OctetString({ valueHex: digest })),
          ],
        }),
      }),
    ],
    certificates: [own, ...others],
  });
  await signed.sign(await keyOf(key), 0, 'SHA-256');
  const info = new pkijs.ContentInfo({
    contentType: pkijs.ContentInfo.SIGNED_DATA,
    content: signed.toSchema(true),
  });
  return new Uint8Array(info.toSchema().toBER());
}

/** A key as the Web Cryptography API takes it. */
function keyOf(key: KeyObject) {
  const namedCurve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (key.asymmetricKeyType !== 'rsa' && namedCurve === undefined)
    throw new TypeError('the key is neither RSA nor of a curve of NIST');
  const algorithm =
    namedCurve === undefined ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve };
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  return crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
}
