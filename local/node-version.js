// Plain JavaScript that any Node can read: everything else here is TypeScript, which Node runs from version 24 on.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Node 24 or newer is needed, this is ${process.version}. "npm ci" usually brings one; where it cannot, install it from nodejs.org.`,
  );
  process.exit(1);
}
