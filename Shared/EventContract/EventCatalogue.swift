/// Every event there is, with its schema; a test holds it against the files.
package enum EventCatalogue {
    /// All payloads, by owner.
    package static let payloads: [any EventPayload.Type] = [
        InvoiceIssuedV1.self,
        InvoicePartPaidV1.self,
        InvoicePaidV1.self,
        CreditNoteIssuedV1.self,
        PaymentOnAccountRecordedV1.self,
        ClientChangedV1.self,
        PaymentRequestedV1.self,
        PaymentLinkOpenedV1.self,
        PaymentAcceptedV1.self,
        PaymentRefusedV1.self,
        PaymentCancelledV1.self,
        PaymentExpiredV1.self,
        PaymentUnknownV1.self,
        RefundRequestedV1.self,
        RefundCompletedV1.self,
        RefundFailedV1.self,
        ProviderAccountConnectedV1.self,
        MessageRequestedV1.self,
        MessageSentV1.self,
        MessageDeliveredV1.self,
        MessageFailedV1.self,
        MessageDispatchV1.self,
        FeeRecordedV1.self,
        PayoutExpectedV1.self,
        BankLineImportedV1.self,
        MatchedV1.self,
        PayoutPointedV1.self,
        PayoutUnpointedV1.self,
        DiscrepancyOpenedV1.self,
        DiscrepancyClosedV1.self,
    ]

    /// The JSON Schema of an event, as published; nil for events that are not ours.
    package static func schema(of type: EventType) -> [UInt8]? {
        schemas[type]
    }

    private static let schemas: [EventType: [UInt8]] = [
        InvoiceIssuedV1.type: PackageResources.org_quittance_invoicing_invoice_issued_v1_json,
        InvoicePartPaidV1.type: PackageResources.org_quittance_invoicing_invoice_part_paid_v1_json,
        InvoicePaidV1.type: PackageResources.org_quittance_invoicing_invoice_paid_v1_json,
        CreditNoteIssuedV1.type: PackageResources.org_quittance_invoicing_credit_note_issued_v1_json,
        PaymentOnAccountRecordedV1.type: PackageResources.org_quittance_invoicing_payment_on_account_recorded_v1_json,
        ClientChangedV1.type: PackageResources.org_quittance_invoicing_client_changed_v1_json,
        PaymentRequestedV1.type: PackageResources.org_quittance_payments_payment_requested_v1_json,
        PaymentLinkOpenedV1.type: PackageResources.org_quittance_payments_payment_link_opened_v1_json,
        PaymentAcceptedV1.type: PackageResources.org_quittance_payments_payment_accepted_v1_json,
        PaymentRefusedV1.type: PackageResources.org_quittance_payments_payment_refused_v1_json,
        PaymentCancelledV1.type: PackageResources.org_quittance_payments_payment_cancelled_v1_json,
        PaymentExpiredV1.type: PackageResources.org_quittance_payments_payment_expired_v1_json,
        PaymentUnknownV1.type: PackageResources.org_quittance_payments_payment_unknown_v1_json,
        RefundRequestedV1.type: PackageResources.org_quittance_payments_refund_requested_v1_json,
        RefundCompletedV1.type: PackageResources.org_quittance_payments_refund_completed_v1_json,
        RefundFailedV1.type: PackageResources.org_quittance_payments_refund_failed_v1_json,
        ProviderAccountConnectedV1.type: PackageResources.org_quittance_payments_provider_account_connected_v1_json,
        MessageRequestedV1.type: PackageResources.org_quittance_notifications_message_requested_v1_json,
        MessageSentV1.type: PackageResources.org_quittance_notifications_message_sent_v1_json,
        MessageDeliveredV1.type: PackageResources.org_quittance_notifications_message_delivered_v1_json,
        MessageFailedV1.type: PackageResources.org_quittance_notifications_message_failed_v1_json,
        MessageDispatchV1.type: PackageResources.org_quittance_dispatch_message_dispatch_v1_json,
        FeeRecordedV1.type: PackageResources.org_quittance_reconciliation_fee_recorded_v1_json,
        PayoutExpectedV1.type: PackageResources.org_quittance_reconciliation_payout_expected_v1_json,
        BankLineImportedV1.type: PackageResources.org_quittance_reconciliation_bank_line_imported_v1_json,
        MatchedV1.type: PackageResources.org_quittance_reconciliation_matched_v1_json,
        PayoutPointedV1.type: PackageResources.org_quittance_reconciliation_payout_pointed_v1_json,
        PayoutUnpointedV1.type: PackageResources.org_quittance_reconciliation_payout_unpointed_v1_json,
        DiscrepancyOpenedV1.type: PackageResources.org_quittance_reconciliation_discrepancy_opened_v1_json,
        DiscrepancyClosedV1.type: PackageResources.org_quittance_reconciliation_discrepancy_closed_v1_json,
    ]
}
