import { useEffect, useState } from 'preact/hooks';
import { Loading } from '../parts/loading.tsx';

type Admin = typeof import('./administration.tsx');

/** The administrators' part, which is loaded when somebody opens it. */
export function LazyAdmin(properties: Parameters<Admin['AdminPage']>[0]) {
  const [admin, setAdmin] = useState<Admin | 'failed'>();
  useEffect(() => {
    import('./administration.tsx').then(setAdmin, () => setAdmin('failed'));
  }, []);
  if (admin !== undefined && admin !== 'failed') return <admin.AdminPage {...properties} />;
  return (
    <Loading
      answer={admin && { kind: 'fault', isOffline: !navigator.onLine }}
      // Another version may have taken the place of this one, with other files.
      onTryAgain={() => location.reload()}
    />
  );
}
