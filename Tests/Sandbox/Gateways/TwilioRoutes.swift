import Crypto
import Foundation

/// Twilio's API: forms in, JSON out, receipts signed over their address and fields.
enum TwilioRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.post, "/2010-04-01/Accounts/{sid}/Messages.json", "send") { call, world in
            try await world.perform { state in
                let login =
                    "\(state.gateways.credential("twilio", "sid")):\(state.gateways.credential("twilio", "token"))"
                guard call.header("Authorization") == "Basic " + Data(login.utf8).base64EncodedString() else {
                    throw refusal(401, 20_003, "Authenticate")
                }
                return try send(call, &state)
            }
        }
    }

    private static func send(_ call: Call, _ state: inout WorldState) throws -> Reply {
        let form = call.form()
        func field(_ name: String) -> String { form.first { $0.name == name }?.value ?? "" }
        guard field("To").hasPrefix("+"), GatewayState.isNumber(field("To")) else {
            throw refusal(400, 21_211, "Invalid 'To' Phone Number")
        }
        switch state.gateways.verdict(for: field("To")) {
        case "opted-out": throw refusal(400, 21_610, "Attempt to send to unsubscribed recipient")
        case "closed-country": throw refusal(400, 21_408, "Permission to send an SMS to this region is not enabled")
        default: break
        }
        guard !field("Body").isEmpty, field("Body").count <= 1_600 else {
            throw refusal(400, 21_617, "The concatenated message body exceeds the 1600 character limit")
        }
        let validity = field("ValidityPeriod").isEmpty ? 36_000 : Int(field("ValidityPeriod")) ?? 0
        guard (1...36_000).contains(validity) else { throw refusal(400, 21_624, "Invalid validity period value") }
        let isUnicode = !field("Body").unicodeScalars.allSatisfy(SMSSegments.isSevenBit)
        let message = state.gateways.take(
            "twilio", to: field("To"), text: field("Body"), sender: field("From"), isUnicode: isUnicode,
            validMinutes: validity / 60)
        push(message, to: field("StatusCallback"), &state)
        return .json(
            [
                "sid": .text(message.reference), "status": "queued", "num_segments": .text("\(message.parts)"),
                "to": .text(message.to), "from": .text(message.sender), "body": .text(message.text),
                "price": .null, "error_code": .null, "error_message": .null,
            ], status: 201)
    }

    private static func push(_ message: GatewayMessage, to url: String, _ state: inout WorldState) {
        let token = state.gateways.credential("twilio", "token")
        let header = "X-Twilio-Signature"
        state.pushReceipt(
            of: message,
            { verdict in
                guard !url.isEmpty else { return nil }
                let fields = [
                    ("From", message.sender), ("MessageSid", message.reference), ("MessageStatus", verdict),
                    ("To", message.to),
                ]
                let signed = url + fields.map { $0.0 + $0.1 }.joined()
                let code = HMAC<Insecure.SHA1>.authenticationCode(
                    for: Array(signed.utf8), using: SymmetricKey(data: Array(token.utf8)))
                return OutgoingRequest(
                    method: "POST", url: url,
                    headers: [
                        ("content-type", "application/x-www-form-urlencoded"),
                        (header, Data(code).base64EncodedString()),
                    ],
                    body: Array(
                        fields.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&").utf8))
            }, header: header)
    }

    private static func refusal(_ status: Int, _ code: Int, _ message: String) -> Refusal {
        Refusal(
            .json(
                ["code": .count(code), "message": .text(message), "more_info": "", "status": .count(status)],
                status: status))
    }
}
