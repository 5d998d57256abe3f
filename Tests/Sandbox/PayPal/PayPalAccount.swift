/// A merchant's application at PayPal.
struct PayPalAccount: Sendable {
    let clientID: String
    var secret: String
    var name: String
    /// Where its withdrawals go; without one there are none.
    var iban: String?
    var webhookURL: String?
    var webhookID: String
    /// What PayPal keeps: a share in basis points and an amount on top.
    var feeBasisPoints: Int64
    var feeFixed: Int64
    /// Whether what was refused is said again to whoever asks by the same name.
    var remembersRefusals: Bool
    /// Whether the merchant lets one invoice be paid by several orders.
    var takesInvoicesTwice: Bool
    /// Whether no order of an invoice that was paid is even begun.
    var refusesPaidInvoices: Bool

    init(_ json: JSON, random: inout Randomness) throws {
        guard let secret = json["secret"]?.asText, !secret.isEmpty else {
            throw Refusal.control("'secret' is missing: use test_secret_ followed by words")
        }
        self.secret = secret
        clientID = json.given("clientID")?.asText ?? random.identifier("client_")
        name = json.given("name")?.asText ?? clientID
        iban = json.given("iban")?.asText
        webhookURL = json.given("webhookURL")?.asText
        webhookID = json.given("webhookID")?.asText ?? "WH-\(clientID)"
        feeBasisPoints = json["feeBasisPoints"]?.asInteger ?? 290
        feeFixed = json["feeFixed"]?.asInteger ?? 35
        remembersRefusals = json["remembersRefusals"]?.asBool ?? false
        takesInvoicesTwice = json["takesInvoicesTwice"]?.asBool ?? false
        refusesPaidInvoices = json["refusesPaidInvoices"]?.asBool ?? false
    }

    func fee(on amount: Int64) -> Int64 { Cents.share(of: amount, basisPoints: feeBasisPoints) + feeFixed }

    var controlJSON: JSON {
        [
            "clientID": .text(clientID), "secret": .text(secret), "name": .text(name), "iban": .optional(iban),
            "webhookURL": .optional(webhookURL), "webhookID": .text(webhookID),
        ]
    }
}
