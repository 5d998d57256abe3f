// What the gateway pushes to its customers.
extension WorldState {
    static var smsSignatureHeader: String { "X-SMSFactor-Signature" }

    /// A receipt per message to each receipt webhook of the account.
    mutating func pushReceipts(for messages: [SMSMessage]) {
        for message in messages {
            let status = sms.outcome(for: message.to)
            sms.recordReceipt(status, of: message)
            let body: JSON = [
                "date": .text(dateTimeText(unixSeconds: clock.now) + "Z"), "status": .count(status),
                "destination": .text(message.to), "message_id": .text(message.reference),
                "campaign_id": .text(message.ticket), "country_code": "FR",
            ]
            push(.smsReceipt, "DLR", about: message.reference, body, of: message.token)
        }
    }

    /// A client's STOP: honoured from now on and told to the sender.
    mutating func pushStop(from number: String) {
        sms.optOut(number)
        let last = sms.messages.last { $0.to == number }
        for token in sms.accounts.keys.sorted() {
            let body: JSON = [
                "date": .text(dateTimeText(unixSeconds: clock.now) + "Z"), "message": "Stop SMS",
                "from": .text(number), "account_id": .text(token), "last_message_id": .optional(last?.reference),
            ]
            push(.smsStop, "STOP", about: number, body, of: token)
        }
    }

    private mutating func push(
        _ channel: WebhookChannel, _ type: String, about subject: String, _ body: JSON, of token: String
    ) {
        for webhook in sms.webhooks(type, of: token) {
            let bytes = body.bytes
            var headers: [(name: String, value: String)] = [("content-type", "application/json")]
            if let secret = webhook.signature {
                let value = sms.signatureMode == .hmac ? hexadecimalHMAC(bytes, key: secret) : secret
                headers.append((Self.smsSignatureHeader, value))
            }
            webhooks.send(
                channel, about: subject,
                OutgoingRequest(method: "POST", url: webhook.url, headers: headers, body: bytes),
                signatureHeader: Self.smsSignatureHeader, delayMilliseconds: sms.receiptDelayMilliseconds)
        }
    }
}
