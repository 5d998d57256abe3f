import EventContract
import PaymentModel

extension Sample {
    static let notifications: [Sample] = [
        Sample(
            MessageRequestedV1(
                messageID: Sample.id(8), clientID: Sample.id(2), paymentID: Sample.id(5),
                invoiceID: Sample.id(1), campaignID: Sample.id(9), channel: .sms, occasion: "payment-link",
                lane: "transactional")),
        Sample(
            MessageRequestedV1(messageID: Sample.id(8), channel: .sms, occasion: "payment-link", lane: "transactional"),
            variant: "minimal"),
        Sample(
            MessageSentV1(
                messageID: Sample.id(8), channel: .sms, occasion: "payment-link", paymentID: Sample.id(5),
                invoiceID: Sample.id(1), campaignID: Sample.id(9), gateway: "smsfactor", parts: 2,
                gatewayReference: "4815162342")),
        Sample(
            MessageSentV1(
                messageID: Sample.id(8), channel: .sms, occasion: "payment-link", gateway: "smsfactor", parts: 2),
            variant: "minimal"),
        Sample(MessageDeliveredV1(messageID: Sample.id(8))),
        Sample(
            MessageFailedV1(
                messageID: Sample.id(8), channel: .sms, occasion: "payment-link",
                reason: "the gateway's status is -7")),
        Sample(
            MessageCalledOffV1(
                messageID: Sample.id(8), channel: .sms, occasion: "payment-link", paymentID: Sample.id(5),
                invoiceID: Sample.id(1), campaignID: Sample.id(9), reason: "unwanted")),
        Sample(
            MessageCalledOffV1(messageID: Sample.id(8), channel: .sms, occasion: "payment-link", reason: "unwanted"),
            variant: "minimal"),
        Sample(RecipientOptedOutV1(clientID: Sample.id(2), channel: .sms)),
        Sample(CampaignStartedV1(campaignID: Sample.id(9), recipients: 120, parts: 240)),
        Sample(
            CampaignFinishedV1(
                campaignID: Sample.id(9), isStopped: false, sent: 117, notSent: 2, uncertain: 1, parts: 234)),
        Sample(QuotaLowV1(left: 40, lowBelow: 100)),
    ]
}
