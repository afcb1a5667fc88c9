import { readFileSync } from 'node:fs';

// Loaded before a program under test: its time is the machine's, shifted by what a file says.
const machine = Date.now;
Date.now = () => machine() + Number(readFileSync(process.env.SHIFTED_CLOCK as string, 'utf8'));
