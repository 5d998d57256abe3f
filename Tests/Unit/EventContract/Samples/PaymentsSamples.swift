import EventContract
import PaymentModel

extension Sample {
    static let payments: [Sample] = [
        Sample(
            PaymentRequestedV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), receivableID: Sample.id(13), clientID: Sample.id(2),
                amount: Sample.euros(20_000), provider: .alma, plan: .inInstalments(3), channel: .sms,
                expiresAt: Sample.instant("2026-11-21T22:50:23.123456Z"), requestedBy: "anna")),
        Sample(
            PaymentRequestedV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000), provider: .alma,
                plan: .inInstalments(3), channel: .sms, expiresAt: Sample.instant("2026-11-21T22:50:23.123456Z")),
            variant: "minimal"),
        Sample(
            PaymentLinkRequestedV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), amount: Sample.euros(20_000),
                expiresAt: Sample.instant("2026-11-21T22:50:23.123456Z"))),
        Sample(
            PaymentLinkRequestedV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000),
                expiresAt: Sample.instant("2026-11-21T22:50:23.123456Z")), variant: "minimal"),
        Sample(PaymentLinkOpenedV1(paymentID: Sample.id(5))),
        Sample(
            PaymentAcceptedV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), receivableID: Sample.id(13), clientID: Sample.id(2),
                amount: Sample.euros(20_000), provider: .alma, providerReference: "payment_11xBxq0aXyZ",
                plan: .inInstalments(3), schedule: Sample.schedule, fee: Sample.euros(560), feeVAT: Sample.euros(112),
                acceptedAt: Sample.instant("2026-11-21T22:50:23.123456Z"), expectedPayoutOn: Sample.date("2026-11-21"),
                disposition: .receivable, acceptedOn: Sample.date("2026-11-21"))),
        Sample(
            PaymentAcceptedV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000), provider: .alma,
                providerReference: "payment_11xBxq0aXyZ", plan: .inInstalments(3), schedule: Sample.schedule,
                fee: Sample.euros(560), feeVAT: Sample.euros(112),
                acceptedAt: Sample.instant("2026-11-21T22:50:23.123456Z"), expectedPayoutOn: Sample.date("2026-11-21"),
                disposition: .receivable), variant: "minimal"),
        Sample(
            PaymentRefusedV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), amount: Sample.euros(20_000),
                provider: .alma, reason: "declined")),
        Sample(
            PaymentRefusedV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000), provider: .alma,
                reason: "declined"), variant: "minimal"),
        Sample(
            PaymentCancelledV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), amount: Sample.euros(20_000),
                provider: .alma, reason: "declined")),
        Sample(
            PaymentCancelledV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000), provider: .alma,
                reason: "declined"), variant: "minimal"),
        Sample(
            PaymentExpiredV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), amount: Sample.euros(20_000),
                provider: .alma)),
        Sample(
            PaymentExpiredV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000), provider: .alma),
            variant: "minimal"),
        Sample(
            PaymentUnknownV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), amount: Sample.euros(20_000),
                provider: .alma, operation: "start")),
        Sample(
            PaymentUnknownV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000), provider: .alma,
                operation: "start"), variant: "minimal"),
        Sample(
            RefundRequestedV1(
                refundID: Sample.id(6), paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2),
                amount: Sample.euros(20_000))),
        Sample(
            RefundRequestedV1(
                refundID: Sample.id(6), paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000)),
            variant: "minimal"),
        Sample(
            RefundCompletedV1(
                refundID: Sample.id(6), paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2),
                amount: Sample.euros(20_000), provider: .alma, schedule: Sample.schedule,
                completedAt: Sample.instant("2026-11-21T22:50:23.123456Z"), completedOn: Sample.date("2026-11-21"))),
        Sample(
            RefundCompletedV1(
                refundID: Sample.id(6), paymentID: Sample.id(5), clientID: Sample.id(2), amount: Sample.euros(20_000),
                provider: .alma, schedule: Sample.schedule, completedAt: Sample.instant("2026-11-21T22:50:23.123456Z")),
            variant: "minimal"),
        Sample(
            RefundFailedV1(
                refundID: Sample.id(6), paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2),
                provider: .stripe, amount: Sample.euros(20_000), reason: "declined", wasCompleted: true,
                failedOn: Sample.date("2026-11-21"))),
        Sample(
            RefundFailedV1(
                refundID: Sample.id(6), paymentID: Sample.id(5), amount: Sample.euros(20_000), reason: "declined"),
            variant: "minimal"),
        Sample(
            DisputeOpenedV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), provider: .stripe,
                disputeReference: "dp_11xBxq0aXyZ", amount: Sample.euros(20_000), reason: "fraudulent",
                openedOn: Sample.date("2026-11-21"),
                respondBy: Sample.instant("2026-11-21T22:50:23.123456Z"))),
        Sample(
            DisputeOpenedV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), provider: .stripe,
                disputeReference: "dp_11xBxq0aXyZ", amount: Sample.euros(20_000), reason: "fraudulent",
                openedOn: Sample.date("2026-11-21")), variant: "minimal"),
        Sample(
            DisputeClosedV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), provider: .stripe,
                disputeReference: "dp_11xBxq0aXyZ", amount: Sample.euros(20_000), chargedBack: Sample.euros(5_000),
                outcome: .lost, closedOn: Sample.date("2026-11-21"))),
        Sample(
            DisputeClosedV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), provider: .stripe,
                disputeReference: "dp_11xBxq0aXyZ", amount: Sample.euros(20_000), outcome: .lost,
                closedOn: Sample.date("2026-11-21")), variant: "minimal"),
        Sample(
            VerificationRequestedV1(
                paymentID: Sample.id(5), verificationID: Sample.id(8), clientID: Sample.id(2),
                expiresAt: Sample.instant("2026-11-21T22:50:23.123456Z"))),
        Sample(
            InstalmentPaidV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), number: 2, count: 3,
                dueOn: Sample.date("2026-11-21"), amount: Sample.euros(20_000), paidOn: Sample.date("2026-11-21"))),
        Sample(
            InstalmentPaidV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), number: 2, count: 3, dueOn: Sample.date("2026-11-21"),
                amount: Sample.euros(20_000), paidOn: Sample.date("2026-11-21")), variant: "minimal"),
        Sample(
            InstalmentLateV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), number: 2, count: 3,
                dueOn: Sample.date("2026-11-21"), amount: Sample.euros(20_000))),
        Sample(
            InstalmentLateV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), number: 2, count: 3, dueOn: Sample.date("2026-11-21"),
                amount: Sample.euros(20_000)), variant: "minimal"),
        Sample(
            ScheduleChangedV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), clientID: Sample.id(2), schedule: Sample.schedule)),
        Sample(
            ScheduleChangedV1(
                paymentID: Sample.id(5), clientID: Sample.id(2), schedule: Sample.schedule), variant: "minimal"),
        Sample(
            ProviderAccountConnectedV1(
                providerAccountID: Sample.id(7), provider: .alma, since: Sample.date("2026-11-21"))),
        Sample(
            ProviderAccountConnectedV1(providerAccountID: Sample.id(7), provider: .alma), variant: "minimal"),
        Sample(
            ProviderAccountFailedV1(
                providerAccountID: Sample.id(7), provider: .alma, reason: "the key is not accepted")),
    ]
}
