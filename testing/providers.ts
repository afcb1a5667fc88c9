import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';

/** Makes another provider of the local one. */
export type Ways = (configuration: Configuration) => Configuration;

/** Looks at each authorization request before it is served. */
const onRequest =
  (look: (context: KoaContextWithOIDC) => void): Ways =>
  (configuration) => ({ ...configuration, extraParams: { max_age: (context) => look(context) } });

/** Takes `max_age` for nothing; the provider itself takes 0 for `prompt=login`. */
const forgetMaxAge = ({ oidc, query }: KoaContextWithOIDC) =>
  Object.assign(oidc.params ?? {}, { max_age: undefined, prompt: query.prompt });

/** Knows no `max_age`. */
export const ignoresMaxAge = onRequest(forgetMaxAge);

/** Takes a `max_age` of 0 for none, as is seen where a program asks whether it is true. */
export const ignoresMaxAge0 = onRequest((context) => {
  if (context.query.max_age === '0') forgetMaxAge(context);
});

/** Takes a `max_age` of 0 for a mistake. */
export const refusesMaxAge0 = onRequest(({ query }) => {
  if (query.max_age === '0') throw new errors.InvalidRequest('max_age must be positive');
});

/** Sends people back with an error. */
export const refuses = (
  error: new () => errors.OIDCProviderError,
  whom: (context: KoaContextWithOIDC) => boolean = () => true,
) =>
  onRequest((context) => {
    if (whom(context)) throw new error();
  });

/** Answers in the query, although it is asked to answer in the fragment. */
export const answersInQuery = onRequest(({ oidc }) => {
  Object.assign(oidc.params ?? {}, { response_mode: 'query' });
});

/** Changes the claims of access tokens. */
export const withClaims =
  (change: (claims: Record<string, unknown>, context: KoaContextWithOIDC) => Record<string, unknown>): Ways =>
  (configuration) => ({
    ...configuration,
    async extraTokenClaims(context, token) {
      const claims = await configuration.extraTokenClaims?.(context, token);
      return claims && change(claims, context);
    },
  });

/** Lets no page of another origin read its answers. */
export const knowsNoPage: Ways = (configuration) => ({ ...configuration, clientBasedCORS: () => false });
