export function QrCode({ value, label }: { value: string; label: string }) {
  return <svg role="img" aria-label={label} data-value={value} />;
}
