import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-9: marketing is held to its hours on its way, too.
@Suite(.serialized) struct `Marketing on its way` {
    @Test func `NOT-9, C-12: a gateway that is told so tries until the hours close, and others' business for days`()
        async throws
    {
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMS_GATEWAYS": "ovhcloud", "QUITTANCE_OVH_ACCOUNT": "sms-1",
                "QUITTANCE_OVH_APPLICATION_KEY": "ak", "QUITTANCE_OVH_APPLICATION_SECRET": "as",
                "QUITTANCE_OVH_CONSUMER_KEY": "ck", "QUITTANCE_LOOK_EVERY": "200ms",
                "QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay,
            ], urls: { ["QUITTANCE_OVH_URL": "\($0)/ovhcloud"] })
        try await stack.sandbox.control(
            .post, "/gateways/accounts/ovhcloud",
            #"{"account":"sms-1","applicationKey":"ak","applicationSecret":"as","consumerKey":"ck"}"#)
        let processes = [try await stack.serve(), try stack.work()]
        let manager = NotificationStack.principal(scopes: ["consents:write", "policy:write"])
        let zone = NotificationStack.zone(atHour: 13)
        let clock = try await stack.call(
            .put, "/v1/clinics/\(NotificationStack.clinic)/time-zone", #"{"timeZone":"\#(zone)"}"#, as: manager)
        #expect(clock.status == 204)
        let ids = try await stack.seed(2, by: "ovhcloud")
        let phones = ids.map(NotificationStack.phone)
        let given = #"{"phone":"\#(phones[0])","decision":"given","proof":"formulaire"}"#
        #expect(try await stack.call(.post, "/v1/consents", given, as: manager).status == 201)
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET purpose = 'marketing' WHERE id = \(ids[0])")
        }
        try await stack.ring(ids)
        func validity(_ phone: String) async throws -> [Int?] {
            try await stack.sandbox.control(.get, "/gateways/messages?to=\(phone.dropFirst())").list
                .map { $0["validMinutes"].int }
        }
        try await waitUntil("both have left") {
            let each = [try await validity(phones[0]), try await validity(phones[1])]
            return each.allSatisfy { $0.count == 1 }
        }
        // It is past one o'clock there, perhaps two by now; they close at eight.
        let minutes = try #require(try await validity(phones[0]).first ?? nil)
        #expect((300..<420).contains(minutes))
        #expect(try await validity(phones[1]) == [nil])
        for process in processes { try await process.kill() }
    }
}
