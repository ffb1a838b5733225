// What kafkajs observes of a broker: produce, consume in a group, offsets by time, administer.
import { Kafka, logLevel } from 'kafkajs'

const [, , broker, topic] = process.argv
const kafka = new Kafka({ clientId: 'scenario', brokers: [broker], logLevel: logLevel.NOTHING })
const admin = kafka.admin()
await admin.connect()
console.log('made', await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '7000000' }] }] }))
console.log('again', await admin.createTopics({ topics: [{ topic }] }))
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
await producer.connect()
await producer.send({ topic, messages: ['a', 'b', 'c'].map((key) => ({ key, value: `value of ${key}`, headers: { h: key }, partition: 0 })) })
await producer.disconnect()
const consumer = kafka.consumer({ groupId: topic })
await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
await new Promise((done, fail) => {
  let count = 0
  setTimeout(() => fail(new Error('no messages')), 30000).unref()
  consumer.run({
    eachMessage: async ({ partition, message }) => {
      console.log(partition, message.offset, message.key.toString(), message.value.toString(), message.headers.h.toString())
      if (++count === 3) done()
    },
  })
})
await consumer.disconnect()
const offsets = await admin.fetchTopicOffsets(topic)
console.log(offsets.map(({ partition, low, high }) => `${partition} ${low} ${high}`).sort().join(', '))
const { groups } = await admin.describeGroups([topic])
console.log(groups[0].state, groups[0].protocolType)
await admin.deleteGroups([topic])
await admin.deleteTopics({ topics: [topic] })
console.log('left', (await admin.listTopics()).includes(topic))
await admin.disconnect()
