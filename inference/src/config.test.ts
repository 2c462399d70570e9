import { expect, test } from 'bun:test';
import { readConfig } from './config.ts';

const token = 'a-token-of-at-least-32-characters';
// The files are read later.
const pem = 'some.pem';
const tls = { DEMETER_GRPC_TLS_CERT: pem, DEMETER_GRPC_TLS_KEY: pem };

test('beyond loopback it needs TLS and a token, or mutual TLS', () => {
  const env = { DEMETER_INFERENCE_HOST: '0.0.0.0' };
  expect(() => readConfig(env)).toThrow('beyond loopback');
  expect(() => readConfig({ ...env, DEMETER_GRPC_TOKEN: token })).toThrow('beyond loopback');
  expect(() => readConfig({ ...env, ...tls })).toThrow('beyond loopback');
  expect(readConfig({ ...env, ...tls, DEMETER_GRPC_TOKEN: token }).host).toBe('0.0.0.0');
  expect(readConfig({ ...env, ...tls, DEMETER_GRPC_TLS_CA: pem }).tls?.ca).toBe(pem);
  expect(readConfig({ DEMETER_INFERENCE_HOST: '::1' }).host).toBe('::1');
});

test('refuses by name', () => {
  expect(() => readConfig({ DEMETER_INFERENCE_PROT: '1' })).toThrow('DEMETER_INFERENCE_PROT');
  expect(() => readConfig({ DEMETER_GRPC_TOKEN: 'short' })).toThrow('DEMETER_GRPC_TOKEN');
  expect(() => readConfig({ DEMETER_GRPC_TLS_CERT: 'c.pem' })).toThrow('DEMETER_GRPC_TLS_KEY');
  expect(() => readConfig({ USE_GPU: 'perhaps' })).toThrow('USE_GPU');
});

test('a start may take longer where TensorRT builds engines, or as long as is set', () => {
  expect(readConfig({}).loadSeconds).toBe(600);
  expect(readConfig({ DEMETER_INFERENCE_TENSORRT: 'true' }).loadSeconds).toBe(3600);
  const set = { DEMETER_INFERENCE_TENSORRT: 'true', DEMETER_INFERENCE_LOAD_SECONDS: '90' };
  expect(readConfig(set).loadSeconds).toBe(90);
});

test('staging and production want the GPU unless told otherwise', () => {
  expect(readConfig({}).gpu).toBe('auto');
  expect(readConfig({ APP_ENV: 'production' }).gpu).toBe('true');
  expect(readConfig({ APP_ENV: 'production', USE_GPU: 'auto' }).gpu).toBe('auto');
});
