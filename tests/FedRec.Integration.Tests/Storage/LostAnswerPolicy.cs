using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace FedRec.Integration.Tests.Storage;

/// <summary>Carries a write to the store and then loses the answer, as a broken connection does; the client tries again.</summary>
internal sealed class LostAnswerPolicy(int losses) : HttpPipelinePolicy
{
    private volatile bool _armed;

    /// <summary>Answers still to be lost.</summary>
    public int Left { get; private set; } = losses;

    /// <summary>Done between the write and the loss of its answer. Default: nothing.</summary>
    public Func<Task> BeforeLoss { get; init; } = () => Task.CompletedTask;

    public void Arm() => _armed = true;

    public void AddTo(BlobClientOptions options) => options.AddPolicy(this, HttpPipelinePosition.PerRetry);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        if (_armed && Left > 0 && message.Response.Status < 300 && (message.Request.Method == RequestMethod.Put || message.Request.Method == RequestMethod.Delete))
        {
            Left--;
            await BeforeLoss();
            throw new IOException("The answer was lost on purpose.");
        }
    }
}
