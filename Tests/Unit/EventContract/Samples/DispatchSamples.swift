import EventContract
import PaymentModel

extension Sample {
    static let dispatch: [Sample] = [
        Sample(MessageDispatchV1(messageID: Sample.id(8), lane: "transactional"))
    ]
}
