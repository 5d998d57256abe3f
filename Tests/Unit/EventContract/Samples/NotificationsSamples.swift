import EventContract
import PaymentModel

extension Sample {
    static let notifications: [Sample] = [
        Sample(
            MessageRequestedV1(
                messageID: Sample.id(8), clientID: Sample.id(2), paymentID: Sample.id(5),
                invoiceID: Sample.id(1), channel: .sms, occasion: "payment-link", lane: "transactional")),
        Sample(
            MessageRequestedV1(messageID: Sample.id(8), channel: .sms, occasion: "payment-link", lane: "transactional"),
            variant: "minimal"),
        Sample(
            MessageSentV1(
                messageID: Sample.id(8), channel: .sms, occasion: "payment-link", paymentID: Sample.id(5),
                invoiceID: Sample.id(1), gateway: "smsfactor", parts: 2, gatewayReference: "4815162342")),
        Sample(
            MessageSentV1(
                messageID: Sample.id(8), channel: .sms, occasion: "payment-link", gateway: "smsfactor", parts: 2),
            variant: "minimal"),
        Sample(MessageDeliveredV1(messageID: Sample.id(8))),
        Sample(MessageFailedV1(messageID: Sample.id(8), channel: .sms, occasion: "payment-link", reason: "declined")),
        Sample(RecipientOptedOutV1(clientID: Sample.id(2), channel: .sms)),
    ]
}
