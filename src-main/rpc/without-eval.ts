import { z } from 'zod';

// The page's content security policy allows no eval, so zod must not compile its parsers. It decides when a schema
// is made: this module has to be evaluated before the contract's, and so is the first import of connect.ts.
z.config({ jitless: true });
