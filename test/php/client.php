<?php
/*
 * A shop's own client, written from nothing but the API document: every method, both types of authentication. It reads one
 * JSON from the standard input, makes the calls it names, and writes what came back, with the types that PHP sees.
 *
 *     {"baseUrl": ..., "publicKey": ..., "privateKey": ..., "auth": "signature" | "private-key",
 *      "emptyBody": what a GET carries, or null, "calls": [["createInvoice", {...}], ["viewInvoice", 1], ...]}
 */
declare(strict_types=1);
set_error_handler(fn (int $level, string $message) => throw new RuntimeException($message), E_ALL & ~E_WARNING);

final class Client
{
    public function __construct(
        private string $baseUrl,
        private string $publicKey,
        private string $privateKey,
        private string $auth,
        private ?string $emptyBody,
    ) {
    }

    public function createInvoice(array $fields): array
    {
        return $this->send('POST', 'invoice', $fields);
    }

    public function createWidget(array $fields): array
    {
        return $this->send('POST', 'invoice/widget', $fields);
    }

    public function viewInvoice(int $id): array
    {
        return $this->send('GET', "invoice/$id");
    }

    public function searchInvoices(string $query): array
    {
        return $this->send('GET', 'invoice?' . http_build_query(['query' => $query]));
    }

    public function confirmInvoice(int $id, string $transactionId): array
    {
        return $this->send('PUT', "invoice/confirm/$id", ['transactionId' => $transactionId]);
    }

    public function viewUser(): array
    {
        return $this->send('GET', 'user');
    }

    public function currencyRates(): array
    {
        return $this->send('GET', 'currency-rate');
    }

    public function currencyStatus(string $currency): array
    {
        return $this->send('GET', "currency-rate/$currency/status");
    }

    /** The example of the document, with the names it uses. */
    private function signature(array $requestBody): string
    {
        $requestBody['api_key'] = $this->publicKey;
        ksort($requestBody);
        return hash_hmac('sha256', http_build_query($requestBody), $this->privateKey);
    }

    private function send(string $method, string $path, ?array $fields = null): array
    {
        $proof = $this->auth === 'signature' ? $this->signature($fields ?? []) : $this->privateKey;
        $body = $fields === null ? $this->emptyBody : json_encode($fields);
        $headers = ['Accept: application/json', "public-key: $this->publicKey", "$this->auth: $proof"];
        $http = ['method' => $method, 'ignore_errors' => true, 'timeout' => 30, 'protocol_version' => 1.1];
        if ($body !== null) {
            $http['content'] = $body;
            $headers[] = 'Content-Type: application/json';
        }
        $http['header'] = [...$headers, 'Connection: close'];
        $url = "$this->baseUrl/api/v1/$path";
        $raw = file_get_contents($url, false, stream_context_create(['http' => $http]));
        if ($raw === false) {
            throw new RuntimeException("no answer from $url");
        }
        [, $status] = explode(' ', $http_response_header[0]);
        return ['status' => (int) $status, 'raw' => $raw, 'types' => self::types(json_decode($raw, true)['data'])];
    }

    /** The types of a record's fields, or of the first record's of a list. */
    private static function types(array $data): array
    {
        return array_map('get_debug_type', is_array($data[0] ?? null) ? $data[0] : $data);
    }
}

$asked = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
$client = new Client($asked['baseUrl'], $asked['publicKey'], $asked['privateKey'], $asked['auth'], $asked['emptyBody']);
$answers = [];
foreach ($asked['calls'] as $call) {
    $method = array_shift($call);
    $answers[] = $client->$method(...$call);
}
echo json_encode($answers, JSON_THROW_ON_ERROR);
