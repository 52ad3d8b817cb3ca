"""s3client.py ENDPOINT make BUCKET | get BUCKET PREFIX FOLDER | uploads BUCKET"""

import sys
from pathlib import Path

import boto3

endpoint, action, bucket = sys.argv[1:4]
s3 = boto3.client("s3", endpoint_url=endpoint)
if action == "make":
    s3.create_bucket(Bucket=bucket)
elif action == "get":
    prefix, folder = sys.argv[4].strip("/") + "/", Path(sys.argv[5])
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            if not item["Key"].endswith("/"):
                target = folder / item["Key"][len(prefix):]
                target.parent.mkdir(parents=True, exist_ok=True)
                s3.download_file(bucket, item["Key"], str(target))
elif action == "uploads":
    for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        print(upload["Key"])
