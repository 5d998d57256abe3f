/// A sending as the gateway understands it, from a query or from JSON.
struct SMSRequest: Sendable {
    struct Recipient: Sendable {
        let number: String
        let reference: String
    }

    let text: String
    let sender: String?
    let pushType: String
    let delay: String?
    let isUnicode: Bool
    let recipients: [Recipient]

    /// What goes to the phone: marketing under a name of one's own gets a mention of 16 characters.
    var said: String { pushType == "marketing" && sender != nil ? text + "\nSTOP SMS: 36180" : text }

    init(query call: Call) {
        text = call.query("text") ?? ""
        sender = call.query("sender")
        pushType = call.query("pushtype") ?? "alert"
        delay = call.query("delay")
        isUnicode = call.query("unicode") == "1"
        recipients = (call.query("to") ?? "").split(separator: ",").map {
            Recipient(number: String($0), reference: call.query("gsmsmsid") ?? "")
        }
    }

    init(json: JSON) throws(SMSRefusal) {
        guard let sms = json["sms"], let message = sms["message"], let text = message["text"]?.asText else {
            throw SMSRefusal(status: -6, message: "JSON error")
        }
        self.text = text
        sender = message.given("sender")?.asText
        pushType = message.given("pushtype")?.asText ?? "alert"
        delay = message.given("delay")?.asText
        isUnicode = message["unicode"] == 1 || message["unicode"] == true
        recipients = (sms["recipients"]?["gsm"]?.asList ?? []).map {
            Recipient(
                number: $0["value"]?.asText ?? $0["value"]?.asInteger.map(String.init) ?? "",
                reference: $0.given("gsmsmsid")?.asText ?? $0["gsmsmsid"]?.asInteger.map(String.init) ?? "")
        }
    }

    /// The problems the gateway refuses a whole sending for.
    func check() throws(SMSRefusal) {
        guard !text.isEmpty else { throw SMSRefusal(status: -7, message: "Data error", details: "text is empty") }
        guard !recipients.isEmpty else { throw SMSRefusal(status: -7, message: "Data error", details: "no recipient") }
        if let sender, sender.count > 11 {
            throw SMSRefusal(status: -7, message: "Data error", details: "sender is longer than 11 characters")
        }
        if let delay, !Self.isDateTime(delay) { throw SMSRefusal(status: -4, message: "Wrong delay date") }
        guard ["alert", "marketing"].contains(pushType) else {
            throw SMSRefusal(status: -7, message: "Data error", details: "unknown pushtype")
        }
    }

    /// "2026-11-21 08:00:00", local time of Paris.
    static func isDateTime(_ text: String) -> Bool {
        let halves = text.split(separator: " ")
        guard halves.count == 2, CivilDate(String(halves[0])) != nil else { return false }
        let parts = halves[1].split(separator: ":").compactMap { Int($0) }
        return parts.count == 3 && (0..<24).contains(parts[0]) && (0..<60).contains(parts[1])
            && (0..<60).contains(parts[2])
    }
}

/// A refusal of the gateway: HTTP 200 all the same, the truth is in the body.
struct SMSRefusal: Error {
    let status: Int64
    let message: String
    var details = ""

    var reply: Reply {
        .json(["status": .integer(status), "message": .text(message), "details": .text(details)])
    }
}
