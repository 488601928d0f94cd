export { ChangesInOrder } from './changes-in-order.tsx';
export { DefinitionDiff } from './definition-diff.tsx';
export { affectedText, exposureText, stateText } from './describe.ts';
export { code, environment, filePath, Sentence } from './sentence.tsx';
export { WhatWillHappen } from './what-will-happen.tsx';
