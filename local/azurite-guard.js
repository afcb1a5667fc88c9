// Loaded into Azurite's process: when the one that started it is gone, it ends the way that loses nothing.
process.on('disconnect', () => process.kill(process.pid, 'SIGINT'));
process.channel?.unref();
// Nobody is left then to read its last words.
process.stdout.on('error', () => {});
