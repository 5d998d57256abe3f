import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `The clock of a service` {
    private func check(ahead seconds: Int64) async throws {
        let pool = PostgresPool(try await PrivatePostgres.shared().database())
        let time = TimeSource { TimeSource.system.now().adding(.seconds(seconds)) }
        do {
            try await ClockCheck(database: Database(pool: pool, ids: .system, time: time), time: time).run()
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    @Test func `may be some seconds from the database's`() async throws {
        try await check(ahead: 0)
        try await check(ahead: 20)
    }

    @Test(arguments: [120, -120, 400 * 86_400])
    func `removes nothing by its age when it is wrong`(seconds: Int64) async throws {
        let error = await #expect(throws: ClockCheck.ClocksDiffer.self) { try await check(ahead: seconds) }
        #expect(error.map { "\($0)".contains("nothing is removed") } == true)
    }
}
